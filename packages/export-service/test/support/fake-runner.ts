import { eventually } from '@vecport/testkit';
import type {
  DatasetAddress,
  ExportedClass,
  ExportTask,
  ImportedClass,
  ImportTask,
  JobRunner,
  RunContext,
  RunOutcome,
} from '../../src/index.js';

/** A job that was given to a {@link FakeRunner}. It runs until it is told how it ends, or aborted. */
interface FakeRun {
  readonly task: ExportTask | ImportTask;
  readonly context: RunContext;
  /** End well, with so many objects in each class. */
  succeed(objects?: number): void;
  fail(error: unknown): void;
}

/** A runner that does what a test says. */
export interface FakeRunner extends JobRunner {
  readonly runs: readonly FakeRun[];
  readonly removed: readonly DatasetAddress[];
  /** The `n`-th job, counted from 0, as soon as it was begun. */
  run(n: number): Promise<FakeRun>;
}

/** A runner that moves nothing. */
export function fakeRunner(): FakeRunner {
  const runs: FakeRun[] = [];
  const removed: DatasetAddress[] = [];
  const begin = async <T>(
    task: ExportTask | ImportTask,
    context: RunContext,
    classOf: (objects: number) => T,
  ): Promise<RunOutcome<T>> =>
    new Promise((resolve, reject) => {
      context.signal.throwIfAborted();
      context.signal.addEventListener('abort', () => reject(context.signal.reason as Error), { once: true });
      runs.push({
        task,
        context,
        succeed: (objects = 1) =>
          resolve({ classes: Object.fromEntries(task.classes.map((name) => [name, classOf(objects)])), warnings: [] }),
        fail: reject,
      });
    });
  return {
    runs,
    removed,
    run: async (n) => eventually(`job ${n} is begun`, () => runs[n]),
    runExport: async (task, context) =>
      begin<ExportedClass>(task, context, (objects) => ({ objects, bytes: objects * 10 })),
    runImport: async (task, context) => begin<ImportedClass>(task, context, (objects) => ({ objects, refused: 0 })),
    removeDataset: async (address) => {
      removed.push(address);
    },
  };
}
