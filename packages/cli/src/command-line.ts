const PLAIN = /^[\w@%+=:,./-]+$/;

/** An argument as a POSIX shell reads it back. */
export function shellQuote(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The arguments that go on with an export that `args` began in the dataset `url`. */
export function resumeArguments(args: readonly string[], url: string): readonly string[] {
  return [...withoutOption(args, '--to').filter((arg) => arg !== '--resume'), '--to', url, '--resume'];
}

/** The arguments that go on with an import or a migration that `args` began. */
export function resumeWorkArguments(args: readonly string[]): readonly string[] {
  return [...args.filter((arg) => arg !== '--resume'), '--resume'];
}

/** The command line that runs `vecport` with these arguments, in the way it was run this time. */
export function commandLine(args: readonly string[], env: Readonly<Record<string, string | undefined>>): string {
  const program = env['npm_lifecycle_event'] === 'vecport' ? 'npm run -s vecport --' : 'vecport';
  return [program, ...args.map(shellQuote)].join(' ');
}

function withoutOption(args: readonly string[], option: string): readonly string[] {
  return args.filter((arg, at) => arg !== option && args[at - 1] !== option && !arg.startsWith(`${option}=`));
}
