import { spawn } from 'node:child_process';
import { eventually } from './eventually.js';

/** How a child process is started. */
export interface SpawnNodeOptions {
  readonly cwd?: string | undefined;
  /** The whole environment of the child; that of this process if not said. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Options for node itself, before the script. */
  readonly nodeArgs?: readonly string[] | undefined;
}

/** How a child process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running child process whose output is kept. */
export interface NodeChild {
  readonly pid: number | undefined;
  /** Everything written to standard output so far. */
  stdout(): string;
  /** Everything written to standard error so far. */
  stderr(): string;
  /** Wait until the output (both streams) holds the text. @throws Error when the child ends without it. */
  output(text: string): Promise<void>;
  /** Send a signal to this child alone, e.g. `SIGKILL`. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the child has ended and its output is read. */
  readonly exit: Promise<ChildExit>;
}

/**
 * Start a script with the node that runs this process. For tests that interrupt and kill: the
 * caller awaits `exit`.
 */
export function spawnNode(script: string, args: readonly string[], options: SpawnNodeOptions = {}): NodeChild {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), script, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  let ended = false;
  const exit = new Promise<ChildExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ended = true;
      resolve({ code, signal, stdout: text(stdout), stderr: text(stderr) });
    });
  });
  return {
    pid: child.pid,
    stdout: () => text(stdout),
    stderr: () => text(stderr),
    output: async (wanted) => {
      await eventually(`the child prints '${wanted}'`, () => {
        const found = text(stdout).includes(wanted) || text(stderr).includes(wanted);
        if (!found && ended)
          throw new Error(`The child ended without printing '${wanted}':\n${text(stdout)}${text(stderr)}`);
        return found;
      });
    },
    kill: (signal) => void child.kill(signal),
    exit,
  };
}
