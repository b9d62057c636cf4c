import { describe, expect, it } from '@jest/globals';
import type { FakeQdrant } from '@vecport/testkit';
import { fakeQdrant, result, send } from './support.js';

const VECTORS = {
  cosine: { size: 2, distance: 'Cosine' },
  dot: { size: 2, distance: 'Dot' },
  euclid: { size: 2, distance: 'Euclid' },
  manhattan: { size: 2, distance: 'Manhattan' },
  bytes: { size: 2, distance: 'Dot', datatype: 'uint8' },
  multi: { size: 2, distance: 'Dot', multivector_config: { comparator: 'max_sim' } },
};

async function filled(): Promise<FakeQdrant> {
  const fake = await fakeQdrant();
  await result(fake, 'PUT', '/collections/c', { vectors: VECTORS, sparse_vectors: { sparse: {} } });
  const points = [
    [3, 4],
    [0, 1],
    [-3, -4],
  ].map((at, index) => ({
    id: index + 1,
    vector: {
      ...Object.fromEntries(['cosine', 'dot', 'euclid', 'manhattan', 'bytes'].map((name) => [name, at])),
      multi: [[0.5, 0.5], at],
      sparse: { indices: [9, index], values: [1.5, 2] },
    },
    payload: { at },
  }));
  await result(fake, 'PUT', '/collections/c/points?wait=true', { points });
  return fake;
}

async function scores(fake: FakeQdrant, query: object): Promise<unknown[]> {
  const { points } = (await result(fake, 'POST', '/collections/c/points/query', query)) as {
    points: { id: number; score: number }[];
  };
  return points.map(({ id, score }) => [id, score]);
}

describe('searches of the fake of Qdrant', () => {
  it.each([
    [
      'cosine',
      [
        [1, 1],
        [2, 0.8],
        [3, -1],
      ],
    ],
    [
      'dot',
      [
        [1, 25],
        [2, 4],
        [3, -25],
      ],
    ],
    [
      'euclid',
      [
        [1, 0],
        [2, 4.2426405],
        [3, 10],
      ],
    ],
    [
      'manhattan',
      [
        [1, 0],
        [2, 6],
        [3, 14],
      ],
    ],
    [
      'bytes',
      [
        [1, 25],
        [2, 4],
        [3, 0],
      ],
    ],
    [
      'multi',
      [
        [1, 25],
        [2, 4],
        [3, 3.5],
      ],
    ],
  ])('%s: best first, in the scores of the distance', async (using, expected) => {
    expect(await scores(await filled(), { query: [3, 4], using })).toEqual(expected);
  });

  it('sparse: only points that share an index', async () => {
    const fake = await filled();
    expect(await scores(fake, { query: { indices: [2, 9], values: [1, 1] }, using: 'sparse', limit: 1 })).toEqual([
      [3, 3.5],
    ]);
    expect(await scores(fake, { query: { indices: [1], values: [2] }, using: 'sparse' })).toEqual([[2, 4]]);
  });

  it('adds up the best rows of a multivector', async () => {
    expect(
      await scores(await filled(), {
        query: [
          [1.5, 0],
          [0, 2],
          [0, 0],
        ],
        using: 'multi',
        limit: 1,
      }),
    ).toEqual([[1, 12.5]]);
  });

  it('takes limit, offset, threshold, filter, a point as the query, and selectors', async () => {
    const fake = await filled();
    expect(await scores(fake, { query: [3, 4], using: 'dot', limit: 1, offset: 1 })).toEqual([[2, 4]]);
    expect(await scores(fake, { query: [3, 4], using: 'euclid', score_threshold: 5 })).toHaveLength(2);
    expect(await scores(fake, { query: [3, 4], using: 'dot', score_threshold: 5 })).toHaveLength(1);
    expect(await scores(fake, { query: [3, 4], using: 'dot', filter: { must_not: [{ has_id: [1] }] } })).toHaveLength(
      2,
    );
    expect(await scores(fake, { query: 1, using: 'dot' })).toEqual([
      [2, 4],
      [3, -25],
    ]);
    const searched = await result(fake, 'POST', '/collections/c/points/search', {
      vector: { name: 'dot', vector: [3, 4] },
      limit: 1,
      with_payload: true,
      with_vector: ['dot'],
    });
    expect(searched).toEqual([{ id: 1, version: 1, score: 25, payload: { at: [3, 4] }, vector: { dot: [3, 4] } }]);
  });

  it.each([
    [{ query: [1, 2] }, 400, 'Wrong input: Not existing vector name error: '],
    [{ query: [1], using: 'dot' }, 400, 'Wrong input: Vector dimension error: expected dim: 2, got 1'],
    [{ query: 99, using: 'dot' }, 404, 'Not found: No point with id 99 found'],
    [{ query: [1, 2], using: 'sparse' }, 400, 'Wrong input: Conversion between sparse and regular vectors failed'],
    [{ query: { fusion: 'rrf' } }, 501, 'The fake of Qdrant has no query of the kind fusion'],
  ])('refuses %j', async (query, status, error) => {
    const answer = await send(await filled(), 'POST', '/collections/c/points/query', JSON.stringify(query));
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, expect.objectContaining({ status: { error } })]);
  });
});
