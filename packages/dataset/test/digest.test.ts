import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, sliceBatch, type VectorBatch, type VectorRecord } from '@vecport/abstractions';
import fc from 'fast-check';
import { createDigest, emptyDigest, isSameDigest, sumDigests } from '../src/digest.js';
import { HashSum } from '../src/hash-sum.js';
import type { ContentDigest } from '../src/manifest.js';
import { anyRecords, sampleBatch } from './support/batches.js';
import { slowDigest } from './support/slow-digest.js';

function digestOf(...batches: readonly VectorBatch[]): ContentDigest {
  const digest = createDigest();
  for (const batch of batches) digest.add(batch);
  return digest.value();
}

const ofRecords = (...records: readonly VectorRecord[]): ContentDigest => digestOf(batchFromRecords(records));
const one = (values: readonly number[], metadataText?: string): ContentDigest =>
  ofRecords({ id: 'a', embedding: Float32Array.from(values), metadataText });

describe('the digest of format version 1', () => {
  it('of nothing', () => {
    expect(emptyDigest()).toEqual({
      count: 0,
      ids: '0'.repeat(64),
      vectors: '0'.repeat(64),
      metadata: '0'.repeat(64),
      content: 'ee15bcfc1a3f382a1298d82f64ece796f4d91dd1b82b48132e930f2fa8478388',
    });
    expect(createDigest().value()).toEqual(emptyDigest());
  });

  it('of one point', () => {
    expect(one([1, -0.5], '{"b":1.0,"a":null}')).toEqual({
      count: 1,
      ids: '6b066cd99e5f6fe1a3cc31b4de6c7d091fd62764852fa4684b8ce6894fa6b5c5',
      vectors: '8bcfddfbf048114a2b059b9f2f56c1fa11712cfc790d9c3dc884b4c8fcfd1a79',
      metadata: '5864274bf81b16829128c516e6b63c2bb809910564e34e14ada99d66178f5018',
      content: 'f47fe03acd64f13e51f56cc3c61fe5421177e5a852e32dc48c0533f074307dd9',
    });
  });

  it('of points of every kind', () => {
    expect(digestOf(sampleBatch())).toEqual({
      count: 3,
      ids: '6f332a0073f58bc60895395036af0e512ce8e95776275b50d3f2af990be394b3',
      vectors: 'cbf40ec501da41dbb63d1c6618940a53209e662fac5b970da7660fe4ba1d14e7',
      metadata: 'f41757210f9d56811c52e700bdd2937867da7aadcf6a181242da27f80ef41afc',
      content: '702233b3e7b149d0e300d0ff321f446267fa78f27fd5226268824b3c4820405c',
    });
  });
});

describe('createDigest', () => {
  it('keeps to the definition', () => {
    fc.assert(
      fc.property(anyRecords({ unique: false }), (records) => {
        const batch = batchFromRecords(records);
        expect(digestOf(batch)).toEqual(slowDigest(batch));
      }),
    );
    expect(digestOf(sampleBatch())).toEqual(slowDigest(sampleBatch()));
  });

  it('depends neither on order nor on batches', () => {
    fc.assert(
      fc.property(
        anyRecords({ unique: false }).chain((records) =>
          fc.tuple(
            fc.constant(records),
            fc.shuffledSubarray(records, { minLength: records.length }),
            fc.nat(records.length),
          ),
        ),
        ([records, shuffled, cut]) => {
          const batch = batchFromRecords(shuffled);
          const expected = ofRecords(...records);
          expect(digestOf(sliceBatch(batch, 0, cut), sliceBatch(batch, cut, shuffled.length))).toEqual(expected);
          expect(
            sumDigests([digestOf(sliceBatch(batch, cut, shuffled.length)), digestOf(sliceBatch(batch, 0, cut))]),
          ).toEqual(expected);
        },
      ),
    );
  });

  it('shows a record that is there twice, or three times', () => {
    const point = { id: 'a', embedding: Float32Array.of(1) };
    const digests = [[], [point], [point, point], [point, point, point]].map(
      (records) => ofRecords(...records).content,
    );
    expect(new Set(digests).size).toBe(4);
  });

  it('shows metadata or vectors that changed places', () => {
    const [x, y] = [Float32Array.of(1), Float32Array.of(2)];
    const right = ofRecords({ id: 'a', embedding: x, metadata: 1 }, { id: 'b', embedding: y, metadata: 2 });
    const wrongVectors = ofRecords({ id: 'a', embedding: y, metadata: 1 }, { id: 'b', embedding: x, metadata: 2 });
    const wrongMetadata = ofRecords({ id: 'a', embedding: x, metadata: 2 }, { id: 'b', embedding: y, metadata: 1 });
    expect(wrongVectors).toEqual({ ...right, vectors: wrongVectors.vectors, content: wrongVectors.content });
    expect(wrongVectors.vectors).not.toBe(right.vectors);
    expect(wrongMetadata).toEqual({ ...right, metadata: wrongMetadata.metadata, content: wrongMetadata.content });
    expect(wrongMetadata.metadata).not.toBe(right.metadata);
  });

  it.each([
    ['0', '-0', one([0]), one([-0])],
    ['a float and its neighbour', '', one([1]), one([1 + 2 ** -23])],
    ['[1,2]', '[2,1]', one([1, 2]), one([2, 1])],
    ['null', 'missing', one([1], 'null'), one([1])],
    ['1', '1.0', one([1], '1'), one([1], '1.0')],
    ['"1"', '1', one([1], '"1"'), one([1], '1')],
    ['{}', '"{}"', one([1], '{}'), one([1], '"{}"')],
    ['a vector', 'none', one([1]), ofRecords({ id: 'a' })],
    ['dense', 'multi', one([1]), ofRecords({ id: 'a', vectors: { default: [Float32Array.of(1)] } })],
    ['one name', 'another', one([1]), ofRecords({ id: 'a', vectors: { other: Float32Array.of(1) } })],
    [
      'a multi vector of 1 × 2',
      '2 × 1',
      ofRecords({ id: 'a', vectors: { m: [Float32Array.of(1, 2)] } }),
      ofRecords({ id: 'a', vectors: { m: [Float32Array.of(1), Float32Array.of(2)] } }),
    ],
    ['id a', 'id A', ofRecords({ id: 'a' }), ofRecords({ id: 'A' })],
  ])('tells %s from %s', (_a, _b, a, b) => {
    expect(isSameDigest(a, b)).toBe(false);
    expect(a.content).not.toBe(b.content);
  });

  it('tells NaNs with different bits apart', () => {
    const nan = (bits: number): ContentDigest =>
      ofRecords({ id: 'a', embedding: new Float32Array(Uint32Array.of(bits).buffer) });
    expect(nan(0x7fc00000)).not.toEqual(nan(0x7fc00001));
    expect(nan(0x7fc00000)).toEqual(nan(0x7fc00000));
  });

  it('does not see how metadata is spaced, sorted and escaped', () => {
    expect(one([1], String.raw`{ "b" : "\u00e9", "a" : 1.0 }`)).toEqual(one([1], '{"a":1.0,"b":"é"}'));
  });

  it('does not see a vector that every row lacks, nor what stands in a missing row', () => {
    const batch = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1) }]);
    const missing = new Uint8Array([1]);
    const other = { kind: 'dense', dimension: 2, values: Float32Array.of(7, 8), missing } as const;
    expect(digestOf({ ...batch, vectors: { ...batch.vectors, other } })).toEqual(digestOf(batch));
  });

  it('names the point whose metadata is not JSON', () => {
    expect(() => one([1], '{"a":')).toThrow(/The metadata of the point 'a' cannot be read. Not valid JSON/);
  });

  it('refuses an id that has no UTF-8', () => {
    expect(() => ofRecords({ id: 'x\ud800' })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('refuses columns of another length', () => {
    const batch = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2) }]);
    expect(() => digestOf({ ...batch, ids: ['a', 'b'] })).toThrow(/metadata does not have 2 rows/);
    const values = Float32Array.of(1);
    expect(() => digestOf({ ...batch, vectors: { v: { kind: 'dense', dimension: 2, values } } })).toThrow(
      /vector 'v' does not have 1 rows/,
    );
  });

  it('takes records of any size', () => {
    const large = batchFromRecords([
      {
        id: 'i'.repeat(100_000),
        embedding: new Float32Array(50_000).fill(0.1),
        metadata: { text: 'é'.repeat(100_000) },
      },
    ]);
    expect(digestOf(large)).toEqual(slowDigest(large));
  });
});

describe('sums of hashes', () => {
  it('wrap at 2^256 and carry after any number of additions', () => {
    const sum = new HashSum();
    const most = '\xff'.repeat(32);
    const times = 2 ** 20 + 5;
    for (let i = 0; i < times; i++) sum.add(most);
    const expected = ((2n ** 256n - 1n) * BigInt(times)) % 2n ** 256n;
    expect(BigInt(`0x${sum.bytes().reverse().toString('hex')}`)).toBe(expected);
  });

  it('have an inverse: what is taken away again leaves nothing', () => {
    const sum = new HashSum();
    sum.add(`\x01${'\0'.repeat(31)}`);
    sum.add('\xff'.repeat(32));
    expect(sum.bytes()).toEqual(Buffer.alloc(32));
  });
});
