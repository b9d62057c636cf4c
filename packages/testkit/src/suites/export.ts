import assert from 'node:assert/strict';
import {
  type ExportBatch,
  type ExportOptions,
  type Filter,
  type IVectorSearchRepository,
  type JsonValue,
  matchesFilter,
  metadataText,
  parseJson,
  requireCapability,
} from '@vecport/abstractions';
import { assertSame, sameMultiset } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { expectError } from '../conformance/expect-error.js';
import { fingerprints, recordFingerprints } from '../conformance/fingerprint.js';

const CEDAR: Filter = { op: 'eq', field: 'group', value: 'cedar' };

/** Full reads. */
export const exportSuite = suite('export', [
  {
    name: 'every point comes exactly once, as get gives it',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository, points } = await filled();
      const { points: exported, ids } = await collectExport(repository);
      sameMultiset(exported, recordFingerprints(points), 'as it was written');
      sameMultiset(exported, fingerprints(await repository.get(ids)), 'as get gives it');
    },
  },
  {
    name: 'every batch size gives every point once, in batches no larger and never empty',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository, points } = await filled(60);
      for (const batchSize of [1, 7, 30, 59, 60, 61, 1000]) {
        const { points: exported } = await collectExport(repository, { batchSize });
        sameMultiset(exported, recordFingerprints(points), `with batchSize ${batchSize}`);
      }
    },
  },
  {
    name: 'resuming after any cursor gives exactly the rest',
    needs: ['exportAll'],
    run: async ({ filled, traits }) => {
      const { repository } = await filled(61);
      await assertResumable(repository, { batchSize: 10 }, traits.order !== 'none');
      await assertResumable(repository, { batchSize: 1 }, traits.order !== 'none', 9);
    },
  },
  {
    name: 'a cursor works with another batch size and after the store was opened again',
    needs: ['exportAll'],
    run: async ({ filled, reopen }) => {
      const { repository } = await filled(40);
      const { batches, ids } = await collectExport(repository, { batchSize: 10 });
      const again = await (await reopen()).repository(repository.collection);
      const rest = await collectExport(again, { batchSize: 7, after: batches[1]?.cursor });
      sameMultiset(rest.ids, ids.slice(20), 'the rest');
    },
  },
  {
    name: 'a filter leaves exactly what matches, and is resumable',
    needs: ['exportAll', 'filter:eq', 'export-filter'],
    run: async (context) => {
      const repository = await context.create({ fields: [{ name: 'group', type: 'string' }] });
      const points = context.ordinaryPoints(context.points);
      await writeAll(repository, points);
      const wanted = points.filter(({ metadata }) => matchesFilter(CEDAR, metadata as JsonValue));
      const { points: exported } = await collectExport(repository, { filter: CEDAR, batchSize: 6 });
      sameMultiset(exported, recordFingerprints(wanted), 'what matches');
      await assertResumable(repository, { filter: CEDAR, batchSize: 6 }, context.traits.order !== 'none');
      const nothing = await collectExport(repository, { filter: { ...CEDAR, value: 'no such group' } });
      assertSame(nothing.batches, [], 'no match, no batch');
    },
  },
  {
    name: 'fields keeps only those named, and vectors and ids as they are',
    needs: ['exportAll'],
    run: fieldsAreKept,
  },
  {
    name: 'an empty collection gives no batch',
    needs: ['exportAll'],
    run: async ({ create }) => {
      assertSame((await collectExport(await create())).batches, []);
    },
  },
  {
    name: 'resuming after the last cursor gives nothing',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository } = await filled(20);
      const { batches } = await collectExport(repository, { batchSize: 10 });
      const rest = await collectExport(repository, { batchSize: 10, after: batches.at(-1)?.cursor });
      assertSame(rest.ids, []);
    },
  },
  {
    name: 'progress counts the points given in this call, and a total is true',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository } = await filled(50);
      const { batches } = await collectExport(repository, { batchSize: 15 });
      assertProgress(batches, 50);
      const rest = await collectExport(repository, { batchSize: 15, after: batches[0]?.cursor });
      assertProgress(rest.batches, 50 - (batches[0]?.ids.length ?? 0));
    },
  },
  {
    name: 'two exports at once do not disturb each other',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository, points } = await filled(50);
      const both = await Promise.all([7, 11].map(async (batchSize) => collectExport(repository, { batchSize })));
      for (const { points: exported } of both) sameMultiset(exported, recordFingerprints(points), 'every point once');
    },
  },
  {
    name: 'writes and deletes while it runs are not seen',
    needs: ['exportAll', 'snapshot'],
    run: async ({ filled, id }) => {
      const { repository, points } = await filled(60);
      const seen: ExportBatch[] = [];
      for await (const batch of requireCapability(repository, 'exportAll').exportAll({ batchSize: 10 })) {
        if (seen.push(batch) > 1) continue;
        await repository.deleteMany(points.slice(0, 30).map((point) => point.id));
        await repository.upsertMany(
          [...points.slice(40), { id: id(5000) }].map((point) => ({
            id: point.id,
            embedding: new Float32Array(DIMENSION).fill(9),
          })),
        );
      }
      sameMultiset(seen.flatMap(fingerprints), recordFingerprints(points), 'the state at its start');
      assert.equal(await repository.count(), 31, 'the writes happened');
    },
  },
  {
    name: 'a cursor that was not made here is refused',
    needs: ['exportAll'],
    run: async ({ filled }) => {
      const { repository } = await filled(5);
      for (const after of ['', 'not a cursor', '{}', '"x"']) {
        await expectError(async () => collectExport(repository, { after }), 'invalid-argument');
      }
    },
  },
]);

async function assertResumable(
  repository: IVectorSearchRepository,
  options: ExportOptions,
  ordered: boolean,
  step = 1,
): Promise<void> {
  const { batches, ids, points } = await collectExport(repository, options);
  let given = 0;
  for (const [index, batch] of batches.entries()) {
    given += batch.ids.length;
    if (index % step !== 0) continue;
    const rest = await collectExport(repository, { ...options, after: batch.cursor });
    sameMultiset(rest.points, points.slice(given), `the rest after batch ${index}`);
    if (ordered) assertSame(rest.ids, ids.slice(given), `in the same order after batch ${index}`);
  }
}

async function fieldsAreKept({ create, id }: ConformanceContext): Promise<void> {
  const repository = await create();
  const long = 9007199254740993n;
  const points = [
    { id: id(0), embedding: new Float32Array(DIMENSION).fill(1), metadata: { a: long, b: { c: [1, null] }, d: 'no' } },
    { id: id(1), embedding: new Float32Array(DIMENSION).fill(2), metadata: { d: 'no', 'x.y': 'yes' } },
    { id: id(2), embedding: new Float32Array(DIMENSION).fill(3), metadata: { b: null } },
  ];
  await writeAll(repository, points);
  const expected = new Map<string, JsonValue>([
    [id(0), { a: long, b: { c: [1, null] } }],
    [id(1), { 'x.y': 'yes' }],
    [id(2), { b: null }],
  ]);
  const { batches } = await collectExport(repository, { fields: ['a', 'b', 'x.y', 'absent'] });
  for (const batch of batches) {
    for (const [row, pointId] of batch.ids.entries()) {
      assertSame(parseJson(metadataText(batch.metadata, row) ?? 'null'), expected.get(pointId), pointId);
    }
  }
  const bare = await collectExport(repository, { fields: [] });
  sameMultiset(bare.points, recordFingerprints(points.map((point) => ({ ...point, metadata: {} }))), 'no field at all');
}

function assertProgress(batches: readonly ExportBatch[], points: number): void {
  let exported = 0;
  for (const { ids, progress } of batches) {
    exported += ids.length;
    assert.equal(progress.exported, exported);
    if (progress.total !== undefined) assert.equal(progress.total, points);
  }
  assert.equal(exported, points);
}
