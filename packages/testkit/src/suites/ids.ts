import assert from 'node:assert/strict';
import { hasCapability, idKindOf } from '@vecport/abstractions';
import { assertSame, sameMultiset } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { fingerprints, recordFingerprints } from '../conformance/fingerprint.js';
import { GOLDEN_IDS, type GoldenId } from '../golden/golden-ids.js';

/** Identifiers, exactly as text. */
export const idsSuite = suite('ids', [
  {
    name: 'golden ids are different points and come back as they were written',
    run: async (context) => {
      const repository = await context.create();
      const points = legalIds(context).map(({ id }, n) => ({ id, embedding: vector(n), metadata: { n } }));
      assert.ok(points.length > 0, 'some golden ids fit the collection');
      await writeAll(repository, points);
      assert.equal(await repository.count(), points.length);
      const ids = points.map(({ id }) => id);
      assertSame(fingerprints(await repository.get(ids)), recordFingerprints(points), 'by get');
      if (!hasCapability(repository, 'exportAll')) return;
      sameMultiset(
        (await collectExport(repository, { batchSize: 4 })).points,
        recordFingerprints(points),
        'by exportAll',
      );
    },
  },
  {
    name: 'every golden id is found by search and deleted alone',
    run: async (context) => {
      const repository = await context.create();
      const points = legalIds(context).map(({ id }, n) => ({ id, embedding: vector(n), metadata: { n } }));
      await writeAll(repository, points);
      const found = await repository.search({ vector: vector(0), topK: points.length });
      sameMultiset(
        found.map((match) => match.id),
        points.map(({ id }) => id),
        'by search',
      );
      const gone = points.filter((_, n) => n % 2 === 0).map(({ id }) => id);
      await repository.deleteMany(gone);
      const left = await repository.get(points.map(({ id }) => id));
      assertSame(
        [...left.ids],
        points.filter((_, n) => n % 2 === 1).map(({ id }) => id),
      );
    },
  },
  {
    name: 'an id that does not fit is refused, not changed',
    run: async (context) => {
      const repository = await context.create();
      const legal = new Set(legalIds(context).map(({ id }) => id));
      for (const { id, name } of GOLDEN_IDS.filter((golden) => !legal.has(golden.id))) {
        await assert.rejects(async () => repository.upsert(id, vector(1)), `golden id '${name}' is refused`);
      }
      assert.equal(await repository.count(), 0);
    },
  },
]);

function legalIds({ options, traits }: ConformanceContext): readonly GoldenId[] {
  const kinds = options.idKinds ?? ['string'];
  return GOLDEN_IDS.filter(
    ({ id, name }) =>
      idKindOf(id, kinds) !== undefined &&
      Buffer.byteLength(id) <= traits.maxIdBytes &&
      options.refusedIds?.[name] === undefined,
  );
}

function vector(n: number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, (_, i) => (i === n % DIMENSION ? n + 1 : 1));
}
