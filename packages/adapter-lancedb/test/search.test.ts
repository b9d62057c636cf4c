import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { CollectionDriver, SearchMatch } from '@vecport/abstractions';
import { removeTempFolders } from '@vecport/testkit';
import { describes, newCollection, newStore, write } from './support/tables.js';

jest.setTimeout(60_000);

afterAll(removeTempFolders);

async function byCosine(embeddings: Readonly<Record<string, Float32Array>>): Promise<CollectionDriver> {
  const { store } = await newStore();
  const vectors = { default: { kind: 'dense', dimension: 2, elementType: 'float32', metric: 'cosine' } } as const;
  const collection = await newCollection(store, describes('t', 2, { vectors }));
  await write(
    collection,
    Object.entries(embeddings).map(([id, embedding]) => ({ id, embedding })),
  );
  return collection;
}

describe('search by cosine', () => {
  const directions = { along: Float32Array.of(3, 4), across: Float32Array.of(-4, 3), against: Float32Array.of(-3, -4) };

  it.each([1e-44, 1e-38, 1e-30, 1e-22, 1, 1e19, 1e30, 3e37])(
    'goes by the direction of the query alone, also when it is %d times as long',
    async (scale) => {
      const collection = await byCosine(directions);
      const found = await collection.search({ vector: Float32Array.of(3 * scale, 4 * scale), topK: 3 }, {});
      expect(found.map(({ id }) => id)).toEqual(['along', 'across', 'against']);
      // The least floats have few digits.
      for (const [at, score] of [1, 0, -1].entries())
        expect(found[at]?.score).toBeCloseTo(score, scale < 1e-40 ? 1 : 5);
    },
  );

  it('gives scores within −1 … 1, and none to rows too short to have a direction in float32', async () => {
    const short = Float32Array.of(3e-23, 1e-23);
    const collection = await byCosine({ ...directions, short, shorter: short.map((value) => value / 1e15) });
    const queries = Array.from({ length: 50 }, (_, at) => Float32Array.of(Math.cos(at), Math.sin(at)));
    const found: SearchMatch[] = [];
    for (const vector of queries) found.push(...(await collection.search({ vector, topK: 5 }, {})));
    expect(found.length).toBeGreaterThanOrEqual(150);
    for (const { score } of found) {
      expect(score).toBeGreaterThanOrEqual(-1);
      expect(score).toBeLessThanOrEqual(1);
    }
    expect(found.some(({ id }) => id === 'shorter')).toBe(false);
  });
});
