import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isAlive, MARK, startTime, stopRun } from '../processes.js';
import { removeData } from '../state.js';

/** A process that starts another one in a group of its own; both run until they are ended. */
const FAMILY = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true, stdio: 'ignore' });
  console.log(child.pid);
  setInterval(() => {}, 1e6);
`;

async function startFamily(data: string) {
  const leader = spawn(process.execPath, ['-e', FAMILY], {
    detached: true,
    env: { ...process.env, [MARK]: data },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(leader.stdout, 'data')) as [Buffer];
  const identify = (pid: number) => ({ pid, startTime: startTime(pid) ?? '' });
  return { leader: identify(leader.pid ?? 0), child: identify(Number(line)), kill: () => leader.kill('SIGKILL') };
}

describe('stopRun', () => {
  it('ends the leader and what has left its group', async () => {
    const { leader, child } = await startFamily('/tmp/vecport-test-run-1');
    expect([leader, child].map(isAlive)).toEqual([true, true]);
    await stopRun(leader, '/tmp/vecport-test-run-1', 'SIGKILL');
    expect([leader, child].map(isAlive)).toEqual([false, false]);
  }, 40_000);

  it('ends what a leader has left behind that is gone', async () => {
    const { leader, child, kill } = await startFamily('/tmp/vecport-test-run-2');
    kill();
    await stopRun(leader, '/tmp/vecport-test-run-2', 'SIGTERM');
    expect([leader, child].map(isAlive)).toEqual([false, false]);
  }, 40_000);

  it('leaves other runs alone', async () => {
    const { leader } = await startFamily('/tmp/vecport-test-run-3');
    await stopRun({ pid: leader.pid, startTime: 'long ago' }, '/tmp/vecport-test-run-', 'SIGTERM');
    expect(isAlive(leader)).toBe(true);
    await stopRun(leader, '/tmp/vecport-test-run-3', 'SIGTERM');
    expect(isAlive(leader)).toBe(false);
  }, 40_000);
});

describe('removeData', () => {
  it('removes the data folder of a server, and nothing else', async () => {
    const data = await mkdtemp(join(tmpdir(), 'vecport-server-test-'));
    const other = await mkdtemp(join(tmpdir(), 'vecport-test-'));
    await mkdir(join(data, 'sub'));
    await expect(removeData(other)).rejects.toThrow('is not a data folder');
    await expect(removeData(join(data, 'sub'))).rejects.toThrow('is not a data folder');
    await expect(removeData(`${data}/../${other.split('/').at(-1)}`)).rejects.toThrow('is not a data folder');
    expect(await readdir(data)).toEqual(['sub']);
    await removeData(data);
    await expect(readdir(data)).rejects.toThrow('ENOENT');
    await rm(other, { recursive: true });
  });
});
