import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { eventually, removeTempFolders, spawnNode } from '@vecport/testkit';
import {
  createBackends,
  createProcessRunner,
  type ExportTask,
  type JobRunner,
  type ProcessRunnerParts,
  type RunEvent,
} from '../src/index.js';
import type { JobEntrySetup } from './support/job-entry.js';
import { memoryStores, type RunningService, startService } from './support/start-service.js';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ENTRY = fileOf('support/job-entry.ts');
/** Lets Node run the TypeScript source of the workspace. */
const EXEC_ARGV = [
  '--conditions=@vecport/source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('../../cli/test/support/load-source.ts', import.meta.url).href,
];
const TASK: ExportTask = {
  address: { backend: 'filesystem', folder: '', id: 'a' },
  store: 'main',
  classes: ['Article'],
  request: { id: 'a', filter: { field: 'n', op: 'eq', value: 2n ** 60n } },
};

let service: RunningService | undefined;
let output = '';

afterEach(async () => {
  await service?.close();
  service = undefined;
  output = '';
});
afterAll(removeTempFolders);

function runnerThat(act: JobEntrySetup['act'], parts: Partial<ProcessRunnerParts> = {}): JobRunner {
  const setup: JobEntrySetup = { act, secret: 'hunter2' };
  return createProcessRunner({
    entry: ENTRY,
    setup,
    backends: createBackends([]),
    execArgv: EXEC_ARGV,
    onOutput: (text) => {
      output += text;
    },
    ...parts,
  });
}

interface Run {
  readonly events: readonly RunEvent[];
  readonly ended: Promise<unknown>;
  readonly stop: AbortController;
}

function begin(runner: JobRunner): Run {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const ended = runner.runExport(TASK, { signal: stop.signal, onEvent: (event) => events.push(event) });
  ended.catch(() => {});
  return { events, ended, stop };
}

const isGone = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
};

const planned = async ({ events }: Run): Promise<number> =>
  eventually('the job runs', () => {
    const [event] = events;
    return event?.type === 'plan' ? event.totals['pid'] : undefined;
  });

describe('a job in a process of its own', () => {
  it('tells what happens, a little at a time and in order, and what came of it', async () => {
    const { events, ended } = begin(runnerThat('succeed', { niceness: 7 }));
    await expect(ended).resolves.toEqual({
      classes: { Article: { objects: 5000, bytes: 7 } },
      // No arguments, the priority that was asked for, and a request with all its digits.
      warnings: ['', '7', '1152921504606846976'],
    });
    expect(events.slice(0, 1)).toEqual([{ type: 'plan', totals: { Article: 5000, Unknown: undefined } }]);
    expect(events.slice(-2)).toEqual([
      { type: 'progress', name: 'Article', objects: 5000 },
      { type: 'file', name: 'Article', path: 'Article.parquet', bytes: 7 },
    ]);
    expect(events.length).toBeLessThan(50);
  });

  it.each([
    ['exit', {}, 'ended with code 7'],
    ['throw', {}, 'ended with code 1'],
    ['fill', { heapMb: 64 }, 'ran out of memory'],
  ] as const)('fails with a reason when it dies: %s', async (act, parts, reason) => {
    await expect(begin(runnerThat(act, parts)).ended).rejects.toMatchObject({
      name: 'ProblemError',
      message: expect.stringContaining(reason),
    });
  });

  it('fails with the error it has thrown', async () => {
    await expect(begin(runnerThat('problem')).ended).rejects.toMatchObject({
      name: 'ProblemError',
      code: 'write-to-backend-failed',
      message: 'write to backend failed: no space left.',
    });
    await expect(begin(runnerThat('vecport')).ended).rejects.toMatchObject({
      name: 'VecportError',
      code: 'unavailable',
      reason: 'The store is away.',
      advice: 'Start it.',
      cause: { stack: expect.stringContaining('ECONNREFUSED') },
    });
    await expect(begin(runnerThat('other')).ended).rejects.toMatchObject({ message: 'A mistake in the program.' });
    expect(output).toBe('');
  });

  it('stops when it is told to, with the reason it was given', async () => {
    const run = begin(runnerThat('wait'));
    const pid = await planned(run);
    run.stop.abort(new Error('Enough.'));
    await expect(run.ended).rejects.toThrow('Enough.');
    expect(isGone(pid)).toBe(true);
  });

  it('is killed when it does not stop', async () => {
    const run = begin(runnerThat('deaf', { graceMs: 100 }));
    const pid = await planned(run);
    run.stop.abort(new Error('Enough.'));
    await expect(run.ended).rejects.toThrow('Enough.');
    expect(isGone(pid)).toBe(true);
  });

  it('is not begun when it is to be stopped already', async () => {
    const signal = AbortSignal.abort(new Error('Too late.'));
    await expect(runnerThat('exit').runExport(TASK, { signal, onEvent: () => {} })).rejects.toThrow('Too late.');
  });

  it('fails when no process can be started', async () => {
    await expect(begin(runnerThat('succeed', { entry: fileOf('support/absent.ts') })).ended).rejects.toMatchObject({
      code: 'internal-error',
    });
  });

  it('ends when the service dies', async () => {
    const parent = spawnNode(fileOf('support/process-parent.ts'), [ENTRY], { nodeArgs: EXEC_ARGV });
    await parent.output('pid ');
    await parent.output('.');
    const pid = Number(/pid (\d+)/.exec(parent.stdout())?.[1]);
    expect(isGone(pid)).toBe(false);
    parent.kill('SIGKILL');
    await parent.exit;
    await eventually('the job has ended', () => isGone(pid));
  });

  it('fails alone: the service goes on, and says why', async () => {
    const { set } = await memoryStores({ Article: 3 });
    service = await startService({ stores: set, runner: runnerThat('exit') });
    await service.client.exports.start('filesystem', { id: 'a' });
    expect(await service.client.exports.wait('filesystem', 'a')).toMatchObject({
      status: 'FAILED',
      error: 'The process of the job ended with code 7; the log says more. Start it again to go on with it.',
    });
    expect((await service.client.exports.list('filesystem')).exports).toHaveLength(1);
  });
});
