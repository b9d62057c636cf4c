import { getPriority } from 'node:os';
import { VecportError } from '@vecport/abstractions';
import type { ExportTask, RunContext } from '../../src/jobs/job-runner.js';
import { type JobProcess, runJobProcess } from '../../src/jobs/processes/run-job-process.js';
import { ProblemError } from '../../src/problems/problem-error.js';

/* The entry of processes of jobs in tests: what it does stands in its setup. */

/** What a process of a job is told to do. */
export interface JobEntrySetup {
  readonly act: keyof typeof ACTS;
  readonly secret?: string | undefined;
}

const ACTS = {
  succeed: async (_task: ExportTask, { onEvent }: RunContext) => {
    onEvent({ type: 'plan', totals: { Article: 5000, Unknown: undefined } });
    for (let objects = 1; objects <= 5000; objects++) onEvent({ type: 'progress', name: 'Article', objects });
    onEvent({ type: 'file', name: 'Article', path: 'Article.parquet', bytes: 7 });
  },
  exit: async () => process.exit(7),
  throw: async () => {
    setImmediate(() => {
      throw new Error('Nobody catches this.');
    });
    await forEver();
  },
  fill: async () => {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, n) => ({ n })));
  },
  problem: async () => {
    throw new ProblemError('write-to-backend-failed', 'write to backend failed: no space left.');
  },
  vecport: async () => {
    throw new VecportError('unavailable', 'The store is away.', {
      advice: 'Start it.',
      cause: new Error('ECONNREFUSED'),
    });
  },
  other: async () => {
    throw new TypeError('A mistake in the program.');
  },
  wait: async (_task: ExportTask, { signal, onEvent }: RunContext) => {
    onEvent({ type: 'plan', totals: { pid: process.pid } });
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  },
  deaf: async (_task: ExportTask, { onEvent }: RunContext) => {
    onEvent({ type: 'plan', totals: { pid: process.pid } });
    await forEver();
  },
} as const satisfies Readonly<Record<string, (task: ExportTask, context: RunContext) => Promise<void>>>;

await runJobProcess(async (setup) => jobOf(setup as JobEntrySetup));

function jobOf({ act }: JobEntrySetup): JobProcess {
  return {
    runner: {
      runExport: async (task, context) => {
        await ACTS[act](task, context);
        const { filter } = task.request as { readonly filter?: { readonly value?: unknown } };
        return {
          classes: { Article: { objects: 5000, bytes: 7 } },
          warnings: [process.argv.slice(2).join(' '), String(getPriority()), String(filter?.value)],
        };
      },
      runImport: async () => ({ classes: {}, warnings: ['import'] }),
    },
    close: async () => {},
  };
}

async function forEver(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
}
