import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PageServerAddress, PageServerOptions } from './page-server.js';

/** A page server in a process of its own. */
export interface PageServer {
  readonly address: PageServerAddress;
  /** Points a second from now on, 0 for as fast as it can. */
  setRate(pointsPerSecond: number): Promise<void>;
  close(): Promise<void>;
}

/** Start a page server and wait until it has made its points. @throws Error when it ends before. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const script = join(import.meta.dirname, 'page-server.js');
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('The page server ended.');
    return value;
  };
  const address = JSON.parse(await line()) as PageServerAddress;
  return {
    address,
    setRate: async (rate) => {
      child.stdin.write(`${rate}\n`);
      await line();
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
