import assert from 'node:assert/strict';
import type { Metric, SearchMatch, VectorRecord } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { type SuiteCheck, suite } from '../conformance/check.js';
import { type ConformanceContext, DIMENSION, writeAll } from '../conformance/context.js';
import { expectError } from '../conformance/expect-error.js';
import { mulberry32, randomVector } from '../helpers/random.js';
import { denseScore, multiScore } from '../memory/score.js';

const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard'];
const TOLERANCE = 1e-4;

/** Nearest neighbours, compared with an exact search. */
export const searchSuite = suite('search', [
  ...METRICS.map(
    (metric): SuiteCheck => ({
      name: `${metric}: the nearest points come nearest first, with the documented score`,
      needs: [`metric:${metric}`],
      run: async (context) => nearestPoints(context, metric),
    }),
  ),
  {
    name: 'topK is the most there can be, and more than there are gives all',
    run: async ({ filled, points: count }) => {
      const { repository } = await filled();
      const vector = new Float32Array(DIMENSION).fill(1);
      for (const topK of [1, 7]) assert.equal((await repository.search({ vector, topK })).length, topK);
      const all = await repository.search({ vector, topK: count + 13 });
      assert.equal(new Set(all.map(({ id }) => id)).size, count);
      assert.equal(all.length, count);
    },
  },
  {
    name: 'points equally near are all found, with one score',
    run: async ({ create, id }) => {
      const repository = await create();
      const twin = Float32Array.from({ length: DIMENSION }, (_, i) => i + 1);
      const far = twin.map((value) => -value);
      await writeAll(
        repository,
        Array.from({ length: 8 }, (_, n) => ({ id: id(n), embedding: n < 5 ? twin : far })),
      );
      const found = await repository.search({ vector: twin, topK: 5 });
      assertSame(found.map((match) => match.id).toSorted(), [0, 1, 2, 3, 4].map(id).toSorted());
      assert.equal(new Set(found.map(({ score }) => score)).size, 1, 'one score');
    },
  },
  {
    name: 'an empty collection has no neighbours',
    run: async ({ create }) => {
      const repository = await create();
      assertSame(await repository.search({ vector: new Float32Array(DIMENSION).fill(1), topK: 3 }), []);
    },
  },
  {
    name: 'a filter is applied before the nearest are taken',
    needs: ['filter:eq'],
    run: async (context) => {
      const repository = await context.create({ fields: [{ name: 'group', type: 'string' }] });
      const points = context.ordinaryPoints(context.points);
      await writeAll(repository, points);
      const wanted = points.filter(({ metadata }) => (metadata as { group: string }).group === 'cedar');
      const query = randomVector(mulberry32(99), DIMENSION);
      const found = await repository.search({
        vector: query,
        topK: 5,
        filter: { op: 'eq', field: 'group', value: 'cedar' },
      });
      assertNearest(found, wanted, query, context.metric, 5);
    },
  },
  {
    name: 'a multi-vector query finds the points whose vectors are nearest to all of its own',
    needs: ['multi'],
    run: async (context) => {
      const metric = context.traits.metrics.includes('cosine') ? 'cosine' : context.metric;
      const spec = { kind: 'multi', dimension: DIMENSION, elementType: 'float32', metric } as const;
      const repository = await context.create({ vectors: { default: spec } });
      const random = mulberry32(11);
      const parts = (count: number): Float32Array[] =>
        Array.from({ length: count }, () => randomVector(random, DIMENSION));
      const points = Array.from({ length: 30 }, (_, n) => ({
        id: context.id(n),
        vectors: { default: parts(1 + (n % 4)) },
      }));
      await writeAll(repository, points);
      for (const query of [parts(3), parts(1)]) {
        const exact = new Map(points.map(({ id, vectors }) => [id, lateInteraction(metric, vectors.default, query)]));
        const best = [...exact.values()].toSorted((left, right) => right - left);
        const found = await repository.search({ vector: query, topK: 5 });
        assert.equal(found.length, 5);
        found.forEach(({ id, score }, rank) => {
          assert.ok(near(score, exact.get(id) ?? Number.NaN), `the score of '${id}' is ${score}`);
          assert.ok(near(score, best[rank] ?? Number.NaN), `rank ${rank} has the score ${score}`);
        });
      }
    },
  },
  {
    name: 'a query of another dimension is refused',
    run: async ({ filled }) => {
      const { repository } = await filled(3);
      for (const length of [DIMENSION - 1, DIMENSION + 1]) {
        await expectError(
          async () => repository.search({ vector: new Float32Array(length).fill(1), topK: 1 }),
          'dimension-mismatch',
        );
      }
    },
  },
]);

function lateInteraction(metric: Metric, vectors: readonly Float32Array[], query: readonly Float32Array[]): number {
  return query.reduce((total, part) => total + multiScore(metric, vectors, part), 0);
}

async function nearestPoints(context: ConformanceContext, metric: Metric): Promise<void> {
  const binary = metric === 'hamming' || metric === 'jaccard';
  const elementType = binary
    ? (context.traits.elementTypes.find((type) => type === 'binary' || type === 'uint8') ?? 'float32')
    : 'float32';
  const dimension = binary ? DIMENSION * 4 : DIMENSION;
  const repository = await context.create({ vectors: { default: { kind: 'dense', dimension, elementType, metric } } });
  const random = mulberry32(context.options.seed ?? 3);
  const draw = (): Float32Array => {
    const vector = randomVector(random, dimension);
    return binary ? vector.map((value) => (value > 0 ? 1 : 0)) : vector.map((value) => value * 3);
  };
  const points = Array.from({ length: context.points }, (_, n) => ({ id: context.id(n), embedding: draw() }));
  await writeAll(repository, points);
  for (let query = 0; query < 5; query++) {
    const vector = draw();
    assertNearest(await repository.search({ vector, topK: 10 }), points, vector, metric, 10);
  }
}

// Equal scores may come in any order, so scores are compared by rank and points by their own score.
function assertNearest(
  found: readonly SearchMatch[],
  points: readonly VectorRecord[],
  query: Float32Array,
  metric: Metric,
  topK: number,
): void {
  const exact = new Map(
    points.map(({ id, embedding }) => [id, denseScore(metric, embedding ?? new Float32Array(0), query)]),
  );
  const best = [...exact.values()].toSorted((left, right) => right - left).slice(0, topK);
  assert.equal(found.length, best.length, 'as many matches as there can be');
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length, 'each point once');
  found.forEach(({ id, score }, rank) => {
    const own = exact.get(id);
    assert.ok(own !== undefined, `'${id}' is one of the points that qualify`);
    assert.ok(near(score, own), `the score of '${id}' is ${score} instead of ${own}`);
    assert.ok(near(score, best[rank] ?? 0), `rank ${rank} has the score ${score} instead of ${best[rank]}`);
  });
}

function near(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}
