import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, type VectorRecord, type VectorValue } from '@vecport/abstractions';
import { readLayout } from '../src/layout.js';
import { checkPoints } from '../src/records.js';

const LAYOUT = readLayout({
  vectors: {
    plain: { size: 2, distance: 'Euclid' },
    unit: { size: 2, distance: 'Cosine' },
    half: { size: 2, distance: 'Dot', datatype: 'float16' },
    unithalf: { size: 2, distance: 'Cosine', datatype: 'float16' },
    byte: { size: 2, distance: 'Cosine', datatype: 'uint8' },
    rows: { size: 2, distance: 'Cosine', multivector_config: { comparator: 'max_sim' } },
  },
  sparse_vectors: { words: {} },
});

function failureOf(name: string, value: VectorValue): string | undefined {
  const other: VectorRecord = { id: '2', vectors: { plain: Float32Array.of(1, 1) } };
  const { points, failed } = checkPoints(batchFromRecords([{ id: '1', vectors: { [name]: value } }, other]), LAYOUT);
  expect(points.map(({ pointId }) => pointId)).toEqual(failed.length === 0 ? ['1', '2'] : ['2']);
  return failed[0]?.reason;
}

describe('points that Qdrant would refuse or change', () => {
  it.each<[string, VectorValue, string]>([
    ['plain', Float32Array.of(Number.NaN, 0), 'NaN'],
    ['plain', Float32Array.of(0, Number.NEGATIVE_INFINITY), '-Infinity'],
    ['unit', Float32Array.of(3e38, 3e38), 'too long'],
    ['rows', [Float32Array.of(1, 1), Float32Array.of(3e38, 0)], 'too long'],
    ['half', Float32Array.of(0.1, 0), 'float16'],
    ['half', Float32Array.of(1e6, 0), 'float16'],
    ['byte', Float32Array.of(1.5, 0), 'uint8'],
    ['byte', Float32Array.of(256, 0), 'uint8'],
    ['byte', Float32Array.of(-0, 0), 'uint8'],
    ['rows', [], 'no vectors'],
    ['words', { indices: Uint32Array.of(1), values: Float32Array.of(Number.NaN) }, 'NaN'],
  ])('%s: a failure of that point alone', (name, value, word) => {
    expect(failureOf(name, value)).toContain(word);
  });

  it('vectors that are too long only together are written', () => {
    const vectors = { unit: Float32Array.of(1.8e19, 0) };
    const { points } = checkPoints(
      batchFromRecords([
        { id: '1', vectors },
        { id: '2', vectors },
      ]),
      LAYOUT,
    );
    expect(points).toHaveLength(2);
  });

  it.each<[string, VectorValue]>([
    ['plain', Float32Array.of(-0, 1e-45)],
    ['unit', Float32Array.of(0, 0)],
    ['half', Float32Array.of(0.5, -65_504)],
    ['unithalf', Float32Array.of(0.1, 0.2)],
    ['byte', Float32Array.of(0, 255)],
    ['words', { indices: Uint32Array.of(), values: Float32Array.of() }],
  ])('%s: is written', (name, value) => {
    expect(failureOf(name, value)).toBeUndefined();
  });

  it.each(['{', '{"a":}', '"x', 'nothing', '{"a":"\\x"}', '[1,]'])('metadata that is not JSON: %s', (metadataText) => {
    const { points, failed } = checkPoints(batchFromRecords([{ id: '1', metadataText }]), LAYOUT);
    expect(points).toEqual([]);
    expect(failed).toMatchObject([{ id: '1', code: 'invalid-argument' }]);
  });

  it('metadata that is not UTF-8', () => {
    const metadata = { bytes: Uint8Array.of(0x22, 0xff, 0x22), offsets: Uint32Array.of(0, 3) };
    expect(checkPoints({ ids: ['1'], vectors: {}, metadata }, LAYOUT).failed).toMatchObject([{ id: '1' }]);
  });
});

describe('batches that do not fit the collection', () => {
  it.each<[string, VectorRecord, string]>([
    ['a name it does not have', { id: '1', vectors: { other: Float32Array.of(1) } }, 'invalid-argument'],
    ['another kind', { id: '1', vectors: { words: Float32Array.of(1) } }, 'invalid-argument'],
    ['another dimension', { id: '1', vectors: { plain: Float32Array.of(1) } }, 'dimension-mismatch'],
  ])('%s', (_, record, code) => {
    expect(() => checkPoints(batchFromRecords([record]), LAYOUT)).toThrow(expect.objectContaining({ code }));
  });

  it('a collection with a distance or a data type this version does not know is refused by name', () => {
    expect(() => readLayout({ vectors: { size: 2, distance: 'Chebyshev' } })).toThrow(/Chebyshev/);
    expect(() => readLayout({ vectors: { size: 2, distance: 'Dot', datatype: 'turbo4' } })).toThrow(/turbo4/);
  });
});
