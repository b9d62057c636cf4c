import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SAMPLE = join(import.meta.dirname, '../../../samples/recs-admin/dist/main.js');

/** The sample application in a process of its own, listening to this machine. */
export interface SampleProcess {
  /** E.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** End it and wait until it has ended. */
  close(): Promise<void>;
}

/**
 * Start the sample with its data in a folder, and wait until it listens: at the first start it is filled.
 * @throws Error when it ends before.
 */
export async function startSample(folder: string): Promise<SampleProcess> {
  const child = spawn(process.execPath, [SAMPLE, '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      VECPORT_DATA: join(folder, 'data'),
      VECPORT_EXPORTS: join(folder, 'exports'),
      LOG_LEVEL: 'silent',
    },
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^Open (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(([code]) => reject(new Error(`The sample ended with ${String(code)}.`)), reject);
  });
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
