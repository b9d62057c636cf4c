import { describe, expect, it } from '@jest/globals';
import { batchFromRecords } from '@vecport/abstractions';
import { computeContentHash, embeddingSink, isWarmedPart, memoryEmbeddingCache } from '@vecport/embedding-cache';

const MODEL = 'a-model';

const batch = batchFromRecords([
  { id: 'a', vectors: { default: Float32Array.of(1, -0), other: Float32Array.of(3) }, metadata: { text: 'first' } },
  { id: 'b', vectors: { default: Float32Array.of(2, Number.NaN) } },
  { id: 'c', vectors: { other: Float32Array.of(4) }, metadata: { text: 'third' } },
]);

const textOf = ({ metadata }: { readonly metadata: unknown }): string | undefined =>
  (metadata as { readonly text: string } | undefined)?.text;

async function fill(vectorName?: string) {
  const cache = memoryEmbeddingCache();
  const skipped: [string, string][] = [];
  const onSkipped = (id: string, why: string) => void skipped.push([id, why]);
  const part = await embeddingSink({ cache, modelId: MODEL, textOf, vectorName, onSkipped }).open({}, {});
  await part.write(batch);
  await part.write(batch);
  return { cache, skipped, receipt: await part.commit() };
}

describe('a cache as a sink', () => {
  it('stores vectors under their texts bit by bit, and counts what has no text or vector', async () => {
    const { cache, skipped, receipt } = await fill();
    expect(receipt).toEqual({ exported: 2, skipped: 4 });
    expect(skipped.slice(0, 2)).toEqual([
      ['b', 'no-text'],
      ['c', 'no-vector'],
    ]);
    expect(await cache.get(computeContentHash('first'), MODEL)).toEqual(Float32Array.of(1, -0));
    expect(await cache.stats()).toMatchObject({ entries: 1 });
  });

  it('stores the vector that was named', async () => {
    const { cache, receipt } = await fill('other');
    expect(receipt).toEqual({ exported: 4, skipped: 2 });
    expect(await cache.get(computeContentHash('third'), MODEL)).toEqual(Float32Array.of(4));
  });

  it('refuses a malformed model, and vectors that are not dense', async () => {
    const cache = memoryEmbeddingCache();
    expect(() => embeddingSink({ cache, modelId: '', textOf })).toThrow('no model id');
    const part = await embeddingSink({ cache, modelId: MODEL, textOf, vectorName: 'words' }).open({}, {});
    const sparse = { indices: Uint32Array.of(1), values: Float32Array.of(1) };
    const run = part.write(batchFromRecords([{ id: 'a', vectors: { words: sparse }, metadata: { text: 't' } }]));
    await expect(run).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('knows what it gave', () => {
    expect(isWarmedPart({ exported: 1, skipped: 0 })).toBe(true);
    for (const other of [null, 1, {}, { exported: 'x', skipped: 0 }]) expect(isWarmedPart(other)).toBe(false);
  });
});
