import { describe, expect, it } from '@jest/globals';
import { batchFromRecords } from '@vecport/abstractions';
import {
  completeDataset,
  createVectorStatistics,
  inspectCollection,
  openDataset,
  sumDigests,
  summarizeDataset,
} from '@vecport/dataset';
import { sampleBatch } from './support/batches.js';
import { memoryStorage } from './support/memory-storage.js';
import { collectionEntry, DESCRIPTION, manifestOf, writePart, writeSample } from './support/write-sample.js';

describe('summarizeDataset', () => {
  it('sums up what the manifest says', async () => {
    const storage = memoryStorage();
    const parts = [
      await writePart(storage, sampleBatch(), { tenant: 'w' }),
      await writePart(storage, sampleBatch(), { tenant: 'x', index: 1 }),
    ];
    const other = collectionEntry([], {
      name: 'empty',
      consistency: 'snapshot',
      snapshot: '7',
      selection: { fields: ['a'] },
    });
    const manifest = manifestOf(collectionEntry(parts), other);
    const summary = summarizeDataset(manifest);
    expect(summary).toMatchObject({
      id: 'sample',
      formatVersion: 1,
      points: 6,
      parts: 2,
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      digest: sumDigests(parts.map(({ digest }) => digest)).content,
    });
    expect(summary.collections).toEqual([
      {
        name: 'things',
        points: 6,
        quarantined: 0,
        bytes: summary.bytes,
        parts: 2,
        tenants: ['w', 'x'],
        vectors: DESCRIPTION.vectors,
        idKinds: ['u64', 'uuid', 'string'],
        fields: undefined,
        embeddingModel: 'test/model',
        consistency: 'scan',
        snapshot: undefined,
        partial: false,
        digest: summary.digest,
      },
      expect.objectContaining({
        name: 'empty',
        points: 0,
        tenants: [],
        consistency: 'snapshot',
        snapshot: '7',
        partial: true,
      }),
    ]);
  });
});

describe('createVectorStatistics', () => {
  it('measures norms and counts what is odd, over all batches', () => {
    const statistics = createVectorStatistics();
    statistics.add(
      batchFromRecords([
        { id: 'a', embedding: Float32Array.of(3, 4) },
        { id: 'b', embedding: Float32Array.of(0, -0) },
        { id: 'c' },
      ]),
    );
    statistics.add(
      batchFromRecords([
        { id: 'd', embedding: Float32Array.of(Number.NaN, 1) },
        { id: 'e', embedding: Float32Array.of(Infinity, 1) },
        { id: 'f', embedding: Float32Array.of(1e-45, 0) },
      ]),
    );
    statistics.add(batchFromRecords([{ id: 'g', vectors: { tokens: [Float32Array.of(1), Float32Array.of(-2)] } }]));
    expect(statistics.value()).toEqual({
      default: {
        kind: 'dense',
        missing: 2,
        vectors: 5,
        zero: 1,
        notFinite: 2,
        norm: { min: 0, max: 5, mean: (5 + Math.fround(1e-45)) / 3 },
      },
      tokens: { kind: 'multi', missing: 6, vectors: 2, zero: 0, notFinite: 0, norm: { min: 1, max: 2, mean: 1.5 } },
    });
  });

  it('measures sparse vectors by their entries, and the largest floats', () => {
    const statistics = createVectorStatistics();
    const largest = 3.4028234663852886e38;
    statistics.add(
      batchFromRecords([
        { id: 'a', vectors: { s: { indices: Uint32Array.of(1, 9), values: Float32Array.of(largest, largest) } } },
        { id: 'b', vectors: { s: { indices: new Uint32Array(), values: new Float32Array() } } },
      ]),
    );
    const max = Math.sqrt(2 * largest ** 2);
    expect(statistics.value()).toEqual({
      s: { kind: 'sparse', missing: 0, vectors: 2, zero: 1, notFinite: 0, norm: { min: 0, max, mean: max / 2 } },
    });
  });

  it('has no norms without vectors', () => {
    const statistics = createVectorStatistics();
    statistics.add({
      ...batchFromRecords([{ id: 'a' }]),
      vectors: { v: { kind: 'dense', dimension: 2, values: new Float32Array(2), missing: new Uint8Array([1]) } },
    });
    expect(statistics.value()).toEqual({
      v: { kind: 'dense', missing: 1, vectors: 0, zero: 0, notFinite: 0, norm: undefined },
    });
  });
});

describe('inspectCollection', () => {
  const numbered = (from: number, count: number) =>
    batchFromRecords(
      Array.from({ length: count }, (_, i) => ({
        id: String(from + i),
        embedding: Float32Array.of(from + i, 0, 0),
        metadata: { n: from + i },
      })),
    );

  it('gives the first rows', async () => {
    const storage = memoryStorage();
    await writeSample(storage, numbered(0, 2), numbered(2, 2));
    const dataset = await openDataset(storage);
    const { sample, statistics } = await inspectCollection(dataset, dataset.collection());
    expect(sample.map(({ id, embedding, metadataText }) => [id, embedding?.[0], metadataText])).toEqual([
      ['0', 0, '{"n":0}'],
      ['1', 1, '{"n":1}'],
      ['2', 2, '{"n":2}'],
    ]);
    expect(statistics).toBeUndefined();
    expect(await inspectCollection(dataset, dataset.collection(), { sample: 0 })).toEqual({ sample: [] });
  });

  it('does not read further than it needs', async () => {
    const storage = memoryStorage();
    const manifest = await writeSample(storage, numbered(0, 2), numbered(2, 2));
    storage.files.delete(manifest.collections[0]?.parts[1]?.path ?? '');
    const dataset = await openDataset(storage);
    expect((await inspectCollection(dataset, dataset.collection(), { sample: 2 })).sample).toHaveLength(2);
    await expect(inspectCollection(dataset, dataset.collection(), { sample: 3 })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('measures everything when asked', async () => {
    const storage = memoryStorage();
    await completeDataset(storage, manifestOf(collectionEntry([await writePart(storage, numbered(1, 4))])));
    const dataset = await openDataset(storage);
    const told: number[] = [];
    const { sample, statistics } = await inspectCollection(dataset, dataset.collection(), {
      sample: 1,
      statistics: true,
      onProgress: (rows) => told.push(rows),
    });
    expect(sample).toHaveLength(1);
    expect(statistics?.['default']).toMatchObject({ vectors: 4, norm: { min: 1, max: 4, mean: 2.5 } });
    expect(told.at(-1)).toBe(4);
  });
});
