import assert from 'node:assert/strict';
import { type ExportBatch, type IVectorSearchRepository, requireCapability } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import type { ConformanceContext } from '../conformance/context.js';
import { errorOf } from '../conformance/expect-error.js';

/** Leaving, cancelling and breaking off full reads. */
export const exportAbortSuite = suite('export-abort', [
  {
    name: 'leaving the loop early releases the export',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository } = await context.filled(40);
      for await (const batch of requireCapability(repository, 'exportAll').exportAll({ batchSize: 10 })) {
        assert.equal(batch.ids.length, 10);
        break;
      }
      await assertReleased(context, repository, 40);
    },
  },
  {
    name: 'an error in the loop releases the export and passes through',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository } = await context.filled(40);
      const thrown = new Error('thrown by the test');
      const error = await errorOf(async () => {
        for await (const _ of requireCapability(repository, 'exportAll').exportAll({ batchSize: 10 })) throw thrown;
      });
      assert.equal(error, thrown);
      await assertReleased(context, repository, 40);
    },
  },
  {
    name: 'an export that is never read holds nothing open',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository } = await context.filled(5);
      requireCapability(repository, 'exportAll').exportAll();
      await assertReleased(context, repository, 5);
    },
  },
  {
    name: 'a signal aborted before the start throws its reason and gives no batch',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository } = await context.filled(20);
      const { error, batches } = await readUntilError(repository, AbortSignal.abort('a reason that is a text'));
      assert.equal(error, 'a reason that is a text');
      assertSame(batches, []);
      await assertReleased(context, repository, 20);
    },
  },
  {
    name: 'a signal aborted between batches throws its reason, unwrapped, instead of the next batch',
    needs: ['exportAll'],
    run: async (context) => {
      const { repository } = await context.filled(40);
      const controller = new AbortController();
      const reason = new Error('cancelled by the test');
      const { error, batches } = await readUntilError(repository, controller.signal, () => controller.abort(reason));
      assert.equal(error, reason);
      assert.equal(batches.length, 1, 'no batch after the abort');
      await assertReleased(context, repository, 40);
    },
  },
]);

async function readUntilError(
  repository: IVectorSearchRepository,
  signal: AbortSignal,
  afterFirst: () => void = () => {},
) {
  const batches: ExportBatch[] = [];
  const error = await errorOf(async () => {
    for await (const batch of requireCapability(repository, 'exportAll').exportAll({ batchSize: 10, signal })) {
      if (batches.push(batch) === 1) afterFirst();
    }
  });
  return { error, batches };
}

async function assertReleased(
  { options }: ConformanceContext,
  repository: IVectorSearchRepository,
  points: number,
): Promise<void> {
  if (options.openCursors !== undefined) assert.equal(options.openCursors(), 0, 'no cursor is left open');
  assert.equal((await collectExport(repository, { batchSize: 10 })).ids.length, points, 'a later export works');
  if (options.openCursors !== undefined) assert.equal(options.openCursors(), 0, 'nor after it');
}
