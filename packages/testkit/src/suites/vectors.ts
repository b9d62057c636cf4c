import assert from 'node:assert/strict';
import { hasCapability, rows, type VectorRecord } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { expectError } from '../conformance/expect-error.js';
import { fingerprints, floatBits, recordFingerprints } from '../conformance/fingerprint.js';
import { twoVectors } from '../conformance/needs.js';
import { GOLDEN_DIMENSION, GOLDEN_VECTORS, goldenFloats } from '../golden/golden-vectors.js';
import { mulberry32, randomVector } from '../helpers/random.js';

/** Vectors of every kind the provider has, bit for bit. */
export const vectorsSuite = suite('vectors', [
  {
    name: 'a vector of another dimension is refused and nothing is written',
    run: async ({ create, id, ordinaryPoints }) => {
      const repository = await create();
      for (const length of [DIMENSION - 1, DIMENSION + 1, 0]) {
        const wrong = { id: id(90), embedding: new Float32Array(length), metadata: { wrong: true } };
        await expectError(
          async () => repository.upsert(wrong.id, wrong.embedding),
          'dimension-mismatch',
          'invalid-argument',
        );
        await expectError(async () => repository.upsertMany([wrong]), 'dimension-mismatch', 'invalid-argument');
        await expectError(
          async () => repository.upsertMany([...ordinaryPoints(3), wrong]),
          'dimension-mismatch',
          'invalid-argument',
        );
      }
      assert.equal(await repository.count(), 0);
    },
  },
  {
    name: 'a vector of a name the collection does not have is refused and nothing is written',
    run: async ({ create, id }) => {
      const repository = await create();
      const point = {
        id: id(0),
        vectors: { default: new Float32Array(DIMENSION).fill(1), other: new Float32Array(3).fill(1) },
      };
      await expectError(async () => repository.upsertMany([point]), 'invalid-argument');
      assert.equal(await repository.count(), 0);
    },
  },
  { name: 'floats come back bit for bit', run: goldenVectorsComeBack },
  {
    name: 'every name has its own vector',
    needs: ['named-vectors'],
    run: async (context) => {
      const repository = await context.create(twoVectors(context));
      const points = namedPoints(context, 12);
      await writeAll(repository, points);
      assertSame(fingerprints(await repository.get(points.map(({ id }) => id))), recordFingerprints(points));
      for (const vectorName of ['title', 'body']) {
        const vector = points[7]?.vectors[vectorName] ?? new Float32Array(0);
        const [nearest] = await repository.search({ vector, vectorName, topK: 1 });
        assert.equal(nearest?.id, points[7]?.id, `'${vectorName}' is searched by itself`);
      }
      await expectError(
        async () => repository.search({ vector: new Float32Array(DIMENSION), vectorName: 'none', topK: 1 }),
        'invalid-argument',
        'not-found',
      );
    },
  },
  {
    name: 'a point may lack its vector, and zeros are not made up',
    needs: ['missing-vectors'],
    run: async ({ create, id }) => {
      const repository = await create();
      const points = [
        { id: id(0), embedding: new Float32Array(DIMENSION).fill(1), metadata: { has: true } },
        { id: id(1), metadata: { has: false } },
      ];
      await writeAll(repository, points);
      await assertReadBack(repository, points);
      const found = await repository.search({ vector: new Float32Array(DIMENSION).fill(1), topK: 5 });
      assertSame(
        found.map((match) => match.id),
        [id(0)],
        'a point without vector is not found by vector',
      );
    },
  },
  {
    name: 'one of several named vectors may be missing',
    needs: ['named-vectors', 'missing-vectors'],
    run: async (context) => {
      const repository = await context.create(twoVectors(context));
      const points = namedPoints(context, 6).map(({ id, vectors: { title, body } }, n): VectorRecord => {
        if (n % 3 === 0) return { id, vectors: { title } };
        return n % 3 === 1 ? { id, vectors: { body } } : { id, vectors: { title, body } };
      });
      await writeAll(repository, points);
      await assertReadBack(repository, points);
    },
  },
  {
    name: 'sparse vectors keep indices and values',
    needs: ['sparse'],
    run: async ({ create, id }) => {
      const repository = await create({
        vectors: { default: { kind: 'sparse', elementType: 'float32', metric: 'dot' } },
      });
      const sparse = (indices: number[], values: number[]) => ({
        indices: Uint32Array.from(indices),
        values: Float32Array.from(values),
      });
      const points: VectorRecord[] = [
        { id: id(0), vectors: { default: sparse([0, 7, 4_294_967_294], [0.1, -2, 3]) }, metadata: { n: 0 } },
        { id: id(1), vectors: { default: sparse([7, 9], [5, 1e-20]) }, metadata: { n: 1 } },
        { id: id(2), vectors: { default: sparse([1], [1]) }, metadata: { n: 2 } },
      ];
      await writeAll(repository, points);
      await assertReadBack(repository, points);
      const [nearest] = await repository.search({ vector: sparse([7], [2]), topK: 1 });
      assert.equal(nearest?.id, id(1));
      assert.ok(Math.abs((nearest?.score ?? 0) - 10) < 1e-4, 'the score is the inner product');
    },
  },
  {
    name: 'multi vectors keep their number and order',
    needs: ['multi'],
    run: async ({ create, id, metric }) => {
      const repository = await create({
        vectors: { default: { kind: 'multi', dimension: 4, elementType: 'float32', metric } },
      });
      const random = mulberry32(5);
      const points = [1, 3, 2].map(
        (length, n): VectorRecord => ({
          id: id(n),
          vectors: { default: Array.from({ length }, () => randomVector(random, 4)) },
          metadata: { n },
        }),
      );
      await writeAll(repository, points);
      await assertReadBack(repository, points);
    },
  },
]);

async function goldenVectorsComeBack({ create, id, metric }: ConformanceContext): Promise<void> {
  const repository = await create({
    vectors: { default: { kind: 'dense', dimension: GOLDEN_DIMENSION, elementType: 'float32', metric } },
  });
  await writeAll(
    repository,
    GOLDEN_VECTORS.map((golden, n) => ({
      id: id(n),
      embedding: goldenFloats(golden),
      metadata: { name: golden.name },
    })),
  );
  const check = (found: ReadonlyMap<string, Float32Array | undefined>, from: string): void => {
    GOLDEN_VECTORS.forEach((golden, n) => {
      assert.equal(
        floatBits(found.get(id(n)) ?? new Float32Array(0)),
        floatBits(goldenFloats(golden)),
        `'${golden.name}' from ${from}`,
      );
    });
  };
  const got = await repository.get(GOLDEN_VECTORS.map((_, n) => id(n)));
  check(new Map([...rows(got)].map((row) => [row.id, row.embedding])), 'get');
  if (!hasCapability(repository, 'exportAll')) return;
  const { batches } = await collectExport(repository, { batchSize: 3 });
  check(new Map(batches.flatMap((batch) => [...rows(batch)]).map((row) => [row.id, row.embedding])), 'exportAll');
}

async function assertReadBack(
  repository: Awaited<ReturnType<ConformanceContext['create']>>,
  points: readonly VectorRecord[],
): Promise<void> {
  const expected = recordFingerprints(points);
  assertSame(fingerprints(await repository.get(points.map(({ id }) => id))), expected, 'by get');
  if (!hasCapability(repository, 'exportAll')) return;
  const { points: exported } = await collectExport(repository, { batchSize: 2 });
  assertSame(exported.toSorted(), expected.toSorted(), 'by exportAll');
}

interface NamedPoint extends VectorRecord {
  readonly vectors: { readonly [name: string]: Float32Array } & {
    readonly title: Float32Array;
    readonly body: Float32Array;
  };
}

function namedPoints({ id }: ConformanceContext, count: number): NamedPoint[] {
  const random = mulberry32(11);
  return Array.from({ length: count }, (_, n) => ({
    id: id(n),
    vectors: { title: randomVector(random, DIMENSION), body: randomVector(random, DIMENSION / 2) },
    metadata: { n },
  }));
}
