import type { Environment } from './environment.js';
import type { ExitCode } from './exit-codes.js';
import type { ProgressTracker } from './output/progress-tracker.js';
import type { Terminal } from './terminal.js';

/** What a command is given. */
export interface CommandContext {
  /** The arguments as they were typed, without `node` and the program's name. */
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly progress: ProgressTracker;
  /** The variables of the process and of `.env` files; read at the first call. */
  environment(): Promise<Environment>;
  /** Tell a person something on the way, as a sentence; machines are not told. */
  note(message: string): void;
  /** The same, for those who ask for it with `--verbose`. */
  detail(message: string): void;
}

/** What a command gives back. The program prints one of `text` and `json`. */
export interface CommandOutcome {
  readonly exitCode: ExitCode;
  /** For people. */
  readonly text: string;
  /** For machines: the fields of the one JSON document. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** A command with its options applied. */
export type Command = (context: CommandContext) => Promise<CommandOutcome>;
