import assert from 'node:assert/strict';
import { batchFromRecords, rows, type VectorRecord } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { fingerprints, recordFingerprints } from '../conformance/fingerprint.js';

/** Writing, reading by id and deleting. */
export const writeReadSuite = suite('write-read', [
  {
    name: 'every point written is read back the same',
    run: async ({ filled }) => {
      const { repository, points } = await filled();
      assert.equal(await repository.count(), points.length);
      assertSame(fingerprints(await repository.get(points.map(({ id }) => id))), recordFingerprints(points));
    },
  },
  {
    name: 'a batch of columns is written like records',
    run: async ({ create, ordinaryPoints }) => {
      const repository = await create();
      const points = ordinaryPoints(9);
      const report = await repository.upsertMany(batchFromRecords(points));
      assertSame(report, { accepted: 9, failed: [] });
      assertSame(fingerprints(await repository.get(points.map(({ id }) => id))), recordFingerprints(points));
    },
  },
  {
    name: 'writing an id again replaces the whole point, metadata included',
    run: async ({ filled, id }) => {
      const { repository } = await filled(3);
      await repository.upsert(id(1), filledVector(2), { only: 'this' });
      const replaced = { id: id(1), embedding: filledVector(2), metadata: { only: 'this' } };
      assertSame(fingerprints(await repository.get([id(1)])), recordFingerprints([replaced]));
      await repository.upsert(id(1), filledVector(3));
      const bare = { id: id(1), embedding: filledVector(3) };
      assertSame(fingerprints(await repository.get([id(1)])), recordFingerprints([bare]), 'metadata is removed');
      assert.equal(await repository.count(), 3, 'no second point');
    },
  },
  {
    name: 'of two points with one id in a call the later wins',
    run: async ({ create, id }) => {
      const repository = await create();
      const versions = [1, 2, 3].map((n) => ({ id: id(n % 2), embedding: filledVector(n), metadata: { n } }));
      const report = await repository.upsertMany(versions);
      assertSame(report.failed, []);
      assert.equal(await repository.count(), 2);
      assertSame(fingerprints(await repository.get([id(0), id(1)])), recordFingerprints(versions.slice(1)));
    },
  },
  {
    name: 'several writes and reads at the same time, right after opening, all take effect',
    run: async ({ create, ordinaryPoints, reopen }) => {
      const { collection } = await create();
      const repository = await (await reopen()).repository(collection);
      const points = ordinaryPoints(40);
      const writes = [0, 1, 2, 3].map(async (n) => repository.upsertMany(points.slice(n * 10, n * 10 + 10)));
      const calls = [...writes, repository.describe(), repository.count(), repository.get([points[0]?.id ?? ''])];
      await Promise.all(calls);
      for (const report of await Promise.all(writes)) assertSame(report, { accepted: 10, failed: [] });
      assert.equal(await repository.count(), points.length);
      assertSame(fingerprints(await repository.get(points.map(({ id }) => id))), recordFingerprints(points));
    },
  },
  {
    name: 'writing nothing is accepted',
    run: async ({ create }) => {
      const repository = await create();
      assertSame(await repository.upsertMany([]), { accepted: 0, failed: [] });
    },
  },
  {
    name: 'get answers in the order asked, each once, without what does not exist',
    run: async ({ filled, id }) => {
      const { repository } = await filled(5);
      const found = await repository.get([id(3), id(0), id(99), id(3), id(2)]);
      assertSame(found.ids, [id(3), id(0), id(2)]);
      assertSame(
        [...rows(found)].map(({ metadata }) => (metadata as { n: number }).n),
        [3, 0, 2],
        'rows belong together',
      );
    },
  },
  {
    name: 'get of no ids and of unknown ids is an empty batch',
    run: async ({ filled, id }) => {
      const { repository } = await filled(2);
      for (const ids of [[], [id(77)]]) {
        const batch = await repository.get(ids);
        assertSame([...batch.ids], []);
        assertSame([...rows(batch)], []);
      }
    },
  },
  {
    name: 'delete removes one point and may be repeated',
    run: async ({ filled, id }) => {
      const { repository } = await filled(4);
      await repository.delete(id(1));
      await repository.delete(id(1));
      assert.equal(await repository.count(), 3);
      assertSame([...(await repository.get([id(0), id(1), id(2), id(3)])).ids], [id(0), id(2), id(3)]);
    },
  },
  {
    name: 'deleteMany removes exactly the points named',
    run: async ({ filled, id }) => {
      const { repository } = await filled(6);
      const report = await repository.deleteMany([id(0), id(5), id(88)]);
      assertSame(report.failed, []);
      const left = await repository.get(Array.from({ length: 6 }, (_, n) => id(n)));
      assertSame([...left.ids], [1, 2, 3, 4].map(id));
      assertSame((await repository.deleteMany([])).failed, []);
      assert.equal(await repository.count(), 4);
    },
  },
  { name: 'a point that cannot be written is refused or reported, and not there', run: refusedPoints },
  {
    name: 'what a caller does with its buffers after writing does not matter',
    run: async ({ create, id }) => {
      const repository = await create();
      const embedding = filledVector(5);
      await repository.upsert(id(0), embedding, { n: 5 });
      embedding.fill(0);
      const kept = { id: id(0), embedding: filledVector(5), metadata: { n: 5 } };
      assertSame(fingerprints(await repository.get([id(0)])), recordFingerprints([kept]));
    },
  },
]);

async function refusedPoints({ create, id, options, ordinaryPoints }: ConformanceContext): Promise<void> {
  const repository = await create();
  await writeAll(repository, ordinaryPoints(2));
  const bad: VectorRecord[] = [{ id: '', embedding: filledVector(9), metadata: {} }];
  if (options.refusedPoint !== undefined) bad.push(options.refusedPoint);
  for (const point of bad) {
    const good = { id: id(50), embedding: filledVector(4), metadata: { good: true } };
    const failed = await repository.upsertMany([good, point]).then(
      (report) => report.failed.map((failure) => failure.id),
      () => [point.id],
    );
    assertSame(failed, [point.id], 'the refused point, and it alone, is reported');
    const there = await repository.get(Array.from({ length: 3 }, (_, n) => id(n)).concat(id(50)));
    const expected = await repository.count();
    assert.equal(there.ids.length, expected, 'the refused point is not counted');
    await assert.rejects(
      async () => repository.upsert(point.id, point.embedding ?? filledVector(9), point.metadata),
      'upsert of it alone throws',
    );
    assert.equal(await repository.count(), expected, 'nor is it there after upsert');
  }
}

function filledVector(start: number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, (_, i) => start + i / 8);
}
