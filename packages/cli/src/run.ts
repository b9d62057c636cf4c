import { stringifyJson } from '@vecport/abstractions';
import { CommanderError } from 'commander';
import type { CommandContext, CommandOutcome } from './command-context.js';
import { type Environment, environmentOf } from './environment.js';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { listenForInterrupt } from './interrupt.js';
import { progressLines } from './output/progress-lines.js';
import { createProgressTracker } from './output/progress-tracker.js';
import { noProgress, type ProgressView } from './output/progress-view.js';
import { visible } from './output/visible.js';
import { failureJson, failureText, parserFailure, scrubFailure, stackText } from './print-failure.js';
import { createProgram } from './program.js';
import { createScrubber, secretsIn } from './scrub-secrets.js';
import type { Terminal } from './terminal.js';

/**
 * Run `vecport` with the given arguments, without `node` and the program's name. Results go to
 * `stdout`, progress and errors to `stderr`; with `--json` `stdout` gets exactly one JSON document,
 * also for an error. While it runs, SIGINT and SIGTERM of the process are handled.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const json = args.includes('--json');
  const progress = createProgressTracker(await viewFor(terminal, json));
  const interrupt = listenForInterrupt(() => {
    progress.end();
    if (!json) terminal.stderr.write('vecport: stopping; interrupt again to end at once\n');
  });
  const say = (message: string): void => {
    progress.end();
    if (!json) terminal.stderr.write(`vecport: ${visible(message)}\n`);
  };
  const detail = args.includes('--verbose') ? say : (): void => {};
  const environment = tellingFiles(environmentOf(terminal), { note: say, detail });
  try {
    const context = { args, terminal, signal: interrupt.signal, progress, environment, note: say, detail };
    const outcome = await parseAndRun(context);
    progress.end();
    if (outcome !== undefined) printOutcome(outcome, terminal, json);
    return outcome?.exitCode ?? EXIT_CODES.done;
  } catch (error) {
    progress.end();
    const { variables } = await environment().catch(() => ({ variables: terminal.env }));
    return reportError(error, { args, terminal, env: variables, json, interrupted: interrupt.signal.aborted });
  } finally {
    interrupt.dispose();
  }
}

type Telling = Pick<CommandContext, 'note' | 'detail'>;

/** Says at the first reading which files variables come from, always of those outside of the working directory. */
function tellingFiles(read: () => Promise<Environment>, { note, detail }: Telling): () => Promise<Environment> {
  let told = false;
  return async () => {
    const environment = await read();
    if (told) return environment;
    told = true;
    for (const { file, variables } of environment.files) {
      if (file.startsWith('..')) note(`variables are taken from ${file}`);
      detail(`${file} gives ${variables.join(', ')}`);
    }
    return environment;
  };
}

/** The outcome of the command, or `undefined` when help or the version was printed. */
async function parseAndRun(context: CommandContext): Promise<CommandOutcome | undefined> {
  const { args, terminal } = context;
  let outcome: CommandOutcome | undefined;
  const program = createProgram({
    execute: async (command) => {
      outcome = await command(context);
    },
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  return outcome;
}

function printOutcome(outcome: CommandOutcome, terminal: Terminal, json: boolean): void {
  const { exitCode } = outcome;
  terminal.stdout.write(json ? `${stringifyJson({ ...outcome.json, exitCode })}\n` : `${visible(outcome.text)}\n`);
}

interface ErrorPlace {
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** With the variables of `.env` files. */
  readonly env: Terminal['env'];
  readonly json: boolean;
  readonly interrupted: boolean;
}

function reportError(error: unknown, { args, terminal, env, json, interrupted }: ErrorPlace): ExitCode {
  const scrub = createScrubber(secretsIn(args, env));
  const failure = scrubFailure(
    error instanceof CommanderError ? parserFailure(error, args) : describeFailure(error, interrupted),
    scrub,
  );
  if (json) terminal.stdout.write(`${stringifyJson(failureJson(failure))}\n`);
  else if (!isBareHelp(error)) terminal.stderr.write(visible(failureText(failure)));
  if (args.includes('--stack') || terminal.env['VECPORT_DEBUG'] === '1') {
    terminal.stderr.write(`${scrub(stackText(error))}\n`);
  }
  return failure.exitCode;
}

// Without any command, the help was printed instead of an error.
function isBareHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === 'commander.help';
}

async function viewFor({ stderr }: Terminal, json: boolean): Promise<ProgressView> {
  if (json) return noProgress();
  if (stderr.isTTY !== true) return progressLines(stderr);
  const { progressBar } = await import('./output/progress-bar.js');
  return progressBar(stderr);
}
