import assert from 'node:assert/strict';
import {
  type ExportOptions,
  type Filter,
  type IVectorSearchRepository,
  requireCapability,
  type Slice,
  type SlicePlan,
} from '@vecport/abstractions';
import { assertSame, sameMultiset } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { writeAll } from '../conformance/context.js';
import { expectError } from '../conformance/expect-error.js';
import { recordFingerprints } from '../conformance/fingerprint.js';

/** Parallel reading in slices. */
export const slicesSuite = suite('slices', [
  {
    name: 'slices are the whole collection without overlap, and at most as many as asked for',
    needs: ['slices', 'exportAll'],
    run: async ({ filled }) => {
      const { repository, points } = await filled();
      for (const count of [1, 2, 3, 8, points.length + 5]) {
        const plan = await planOf(repository, count);
        assert.ok(plan.slices.length <= count && plan.slices.length > 0, `${plan.slices.length} slices for ${count}`);
        sameMultiset((await readSlices(repository, plan.slices)).flat(), recordFingerprints(points), `${count} slices`);
      }
    },
  },
  {
    name: 'a slice tells its number of points truly, or not at all',
    needs: ['slices', 'exportAll'],
    run: async ({ filled }) => {
      const { repository } = await filled();
      const { slices } = await planOf(repository, 4);
      const read = await readSlices(repository, slices);
      slices.forEach((slice, i) => {
        if (slice.points !== undefined) assert.equal(read[i]?.length, slice.points);
      });
    },
  },
  {
    name: 'a slice can be read again, and resumed after any of its cursors',
    needs: ['slices', 'exportAll'],
    run: async ({ filled }) => {
      const { repository } = await filled(80);
      const { slices } = await planOf(repository, 3);
      for (const slice of slices) {
        const first = await collectExport(repository, { slice, batchSize: 9 });
        assertSame((await collectExport(repository, { slice, batchSize: 9 })).points, first.points, 'the same again');
        let given = 0;
        for (const batch of first.batches) {
          given += batch.ids.length;
          const rest = await collectExport(repository, { slice, batchSize: 9, after: batch.cursor });
          sameMultiset(rest.points, first.points.slice(given), 'the rest of the slice');
        }
      }
    },
  },
  {
    name: 'slices survive JSON and opening the store again',
    needs: ['slices', 'exportAll'],
    run: async ({ filled, reopen }) => {
      const { repository, points } = await filled(50);
      const stored = JSON.parse(JSON.stringify((await planOf(repository, 4)).slices)) as Slice[];
      const again = await (await reopen()).repository(repository.collection);
      sameMultiset((await readSlices(again, stored)).flat(), recordFingerprints(points), 'the whole collection');
    },
  },
  {
    name: 'slices of a filter are what it leaves',
    needs: ['slices', 'exportAll', 'filter:eq', 'export-filter'],
    run: async (context) => {
      const repository = await context.create({ fields: [{ name: 'group', type: 'string' }] });
      const points = context.ordinaryPoints(context.points);
      await writeAll(repository, points);
      const filter: Filter = { op: 'eq', field: 'group', value: 'ember' };
      const plan = await requireCapability(repository, 'slices').slices(3, { filter });
      const wanted = points.filter(({ metadata }) => (metadata as { group: string }).group === 'ember');
      sameMultiset(
        (await readSlices(repository, plan.slices, { filter })).flat(),
        recordFingerprints(wanted),
        'what matches',
      );
    },
  },
  {
    name: 'an empty collection has slices without points, or none',
    needs: ['slices', 'exportAll'],
    run: async ({ create }) => {
      const repository = await create();
      const { slices } = await planOf(repository, 3);
      assertSame((await readSlices(repository, slices)).flat(), []);
    },
  },
  {
    name: 'a plan says what its slices see, and keeps to it while others write',
    needs: ['slices', 'exportAll', 'snapshot'],
    run: async ({ filled, traits }) => {
      const { repository, points } = await filled(60);
      const plan = await planOf(repository, 3);
      assert.equal(plan.consistency, traits.consistency);
      await repository.deleteMany(points.slice(0, 30).map(({ id }) => id));
      sameMultiset(
        (await readSlices(repository, plan.slices)).flat(),
        recordFingerprints(points),
        'the state when it was made',
      );
      const later = await planOf(repository, 3);
      sameMultiset(
        (await readSlices(repository, later.slices)).flat(),
        recordFingerprints(points.slice(30)),
        'a later plan sees the writes',
      );
      if (plan.snapshot !== undefined)
        assert.notEqual(later.snapshot, plan.snapshot, 'the name of the snapshot changed with the collection');
    },
  },
  {
    name: 'a number of slices that makes no sense is refused',
    needs: ['slices'],
    run: async ({ filled }) => {
      const { repository } = await filled(3);
      for (const count of [0, -1, 1.5]) await expectError(async () => planOf(repository, count), 'invalid-argument');
    },
  },
]);

async function planOf(repository: IVectorSearchRepository, count: number): Promise<SlicePlan> {
  return requireCapability(repository, 'slices').slices(count);
}

async function readSlices(
  repository: IVectorSearchRepository,
  slices: readonly Slice[],
  options: ExportOptions = {},
): Promise<string[][]> {
  return Promise.all(
    slices.map(async (slice) => [...(await collectExport(repository, { ...options, slice, batchSize: 13 })).points]),
  );
}
