import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run, type Terminal } from '../../src/index.js';

/** What a run of the program in this process gave. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the program is run in this process. */
export interface RunHereOptions {
  /** Where the application is looked for. Relative URLs still count from the folder of this process. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Who is asked; there is nobody if not said. */
  readonly confirm?: Terminal['confirm'];
}

/** Run the program in this process: as `vecport` does, without the time a new process takes. */
export async function runHere(args: readonly string[], { cwd, env = {}, confirm }: RunHereOptions): Promise<RunResult> {
  const stdout: string[] = [];
  const stderr = new PassThrough();
  const code = await run(args, {
    stdout: { write: (text: string) => void stdout.push(text) },
    stderr,
    env: { VECPORT_STATE: join(cwd, '.vecport'), ...env },
    cwd,
    confirm,
  });
  return { code, stdout: stdout.join(''), stderr: String(stderr.read() ?? '') };
}
