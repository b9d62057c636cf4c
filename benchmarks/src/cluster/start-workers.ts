import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const COMMAND = join(import.meta.dirname, '../../../packages/cli/dist/main.js');

/** Start so many workers, each a process; resolves when all are ready. Gives what ends them. */
export async function startWorkers(cluster: string, count: number): Promise<() => Promise<void>> {
  const children = Array.from({ length: count }, (_, at) => {
    const args = ['worker', '--cluster', cluster, '--concurrency', '1', '--name', `bench-${at + 1}`];
    return spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  });
  await Promise.all(children.map(untilReady));
  return async () => {
    await Promise.all(
      children.map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }),
    );
  };
}

/** @throws Error when the worker ends before it is ready. */
async function untilReady(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('is ready')) resolve();
    });
    child.once('exit', () => reject(new Error(`A worker ended before it was ready:\n${said}`)));
  });
}
