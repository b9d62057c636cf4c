import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, rows, sliceBatch, type VectorBatch, type VectorRecord } from '@vecport/abstractions';
import { goldenPoints } from '@vecport/testkit';
import { joinBatches } from '../src/join-batches.js';

const plain = (batch: VectorBatch): readonly unknown[] =>
  [...rows(batch)].map((row) => ({
    id: row.id,
    metadata: row.metadataText,
    vectors: Object.keys(batch.vectors).map((name) => row.vector(name)),
  }));

const MIXED: readonly VectorRecord[] = [
  {
    id: 'a',
    vectors: {
      words: { indices: Uint32Array.of(1, 5), values: Float32Array.of(1, 2) },
      tokens: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
    },
    metadata: { n: 1 },
  },
  { id: 'b', vectors: { tokens: [Float32Array.of(5, 6)] } },
  { id: 'c', vectors: { words: { indices: Uint32Array.of(9), values: Float32Array.of(-0) } }, metadata: { n: 3 } },
  {
    id: 'd',
    vectors: { words: { indices: Uint32Array.of(2), values: Float32Array.of(7) }, tokens: [Float32Array.of(0, 1)] },
    metadata: { n: 'é' },
  },
];

describe('joinBatches', () => {
  it.each([
    ['dense vectors and any metadata', batchFromRecords(goldenPoints())],
    ['sparse, multi and missing vectors', batchFromRecords(MIXED)],
  ])('puts slices together again: %s', (_, whole) => {
    const total = whole.ids.length;
    for (const cuts of [[1], [2], [1, 2], [1, 2, 3]]) {
      const ends = [...cuts, total];
      const slices = ends.map((end, at) => sliceBatch(whole, ends[at - 1] ?? 0, end));
      expect(plain(joinBatches(slices))).toEqual(plain(whole));
      expect(plain(joinBatches(slices.slice(1)))).toEqual(plain(sliceBatch(whole, ends[0] ?? 0, total)));
    }
  });

  it('keeps the times of each point', () => {
    const batch = { ...batchFromRecords(MIXED), createdAt: Float64Array.of(1, Number.NaN, 3, 4) };
    const joined = joinBatches([sliceBatch(batch, 0, 1), sliceBatch(batch, 1, 4)]);
    expect(joined.createdAt).toEqual(batch.createdAt);
    expect(joined.updatedAt).toBeUndefined();
  });

  it('refuses vectors of two dimensions', () => {
    const of = (dimension: number): VectorBatch =>
      batchFromRecords([{ id: 'a', embedding: new Float32Array(dimension) }]);
    expect(() => joinBatches([of(2), of(3)])).toThrow('not the same in all batches');
  });
});
