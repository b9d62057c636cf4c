import type { CommanderError } from 'commander';
import { EXIT_CODES } from './exit-codes.js';
import { CommandError, type Failure } from './failure.js';

/** A failure for people: what happened, what to do next, how to go on. */
export function failureText({ message, advice, resume }: Failure): string {
  const hint = resume?.includes('***') === true ? ' (*** stands for the secret in your URL: use the same URL)' : '';
  const lines = [
    `vecport: ${message}`,
    ...(advice === undefined ? [] : [`  ${advice}`]),
    ...(resume === undefined ? [] : [`  Go on with: ${resume}${hint}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A failure for machines. */
export function failureJson({ exitCode, ...error }: Failure): Readonly<Record<string, unknown>> {
  return { error, exitCode };
}

/** The same failure with every text passed through `scrub`. */
export function scrubFailure(failure: Failure, scrub: (text: string) => string): Failure {
  const { message, advice, resume, provider, collection } = failure;
  const optional = (text: string | undefined): string | undefined => (text === undefined ? undefined : scrub(text));
  return {
    ...failure,
    message: scrub(message),
    advice: optional(advice),
    resume: optional(resume),
    provider: optional(provider),
    collection: optional(collection),
  };
}

/** What the parser of the command line refused. */
export function parserFailure(error: CommanderError, args: readonly string[]): Failure {
  const known = error.code !== 'commander.unknownCommand' && args[0]?.startsWith('-') === false;
  return {
    code: 'usage',
    message: error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' '),
    advice: known ? `See: vecport ${args[0]} --help` : 'See: vecport --help',
    exitCode: EXIT_CODES.usage,
  };
}

/** Where an error happened, with its causes, for those who look for the reason in the code. */
export function stackText(thrown: unknown): string {
  const error = thrown instanceof CommandError ? thrown.cause : thrown;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? [] : [`Caused by: ${stackText(error.cause)}`];
  return [error.stack ?? error.message, ...cause].join('\n');
}
