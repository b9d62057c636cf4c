import { batchFromRecords, type VectorBatch, type VectorRecord } from '@vecport/abstractions';
import fc from 'fast-check';

/** Points that show what is easily lost: long integers, −0, denormals, NaN, null against missing, sparse and multi vectors. */
export function sampleBatch(): VectorBatch {
  return batchFromRecords([
    {
      id: '18446744073709551615',
      vectors: {
        default: Float32Array.of(1, -0, 1e-45),
        sparse: { indices: Uint32Array.of(0, 4294967295), values: Float32Array.of(0.5, -1.5) },
        tokens: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      },
      metadataText: '{"z": 18446744073709551616, "a": 1.0, "n": null}',
    },
    {
      id: '0f8fad5b-d9cb-469f-a165-70867728950e',
      vectors: { default: Float32Array.of(3.4028235e38, Number.NaN, 0) },
      metadataText: 'null',
    },
    {
      id: 'O\'Neill "絵文字" 😀',
      vectors: { sparse: { indices: new Uint32Array(), values: new Float32Array() }, tokens: [] },
    },
  ]);
}

/** Points of three dimensions that differ in id and metadata. */
export function points(...ids: readonly string[]): VectorBatch {
  return batchFromRecords(ids.map((id) => ({ id, embedding: Float32Array.of(1, 2, 3), metadata: { id } })));
}

const float = fc.float({ noDefaultInfinity: true });
const record: fc.Arbitrary<VectorRecord> = fc.record(
  {
    id: fc.string({ unit: 'grapheme', maxLength: 12 }),
    embedding: fc.array(float, { minLength: 3, maxLength: 3 }).map((values) => Float32Array.from(values)),
    vectors: fc.record(
      {
        sparse: fc
          .uniqueArray(fc.tuple(fc.nat(1000), float), { selector: ([index]) => index, maxLength: 4 })
          .map((entries) => {
            const sorted = entries.sort(([a], [b]) => a - b);
            return {
              indices: Uint32Array.from(sorted, ([index]) => index),
              values: Float32Array.from(sorted, ([, value]) => value),
            };
          }),
        'multi é': fc.array(
          fc.tuple(float, float).map((pair) => Float32Array.from(pair)),
          { minLength: 1, maxLength: 3 },
        ),
      },
      { requiredKeys: [] },
    ),
    metadataText: fc.oneof(
      fc.json({ stringUnit: 'grapheme' }),
      fc.constant('{"b": 1.0, "a": [1e5, 123456789012345678901]}'),
    ),
  },
  { requiredKeys: ['id'] },
);

/** Records of every kind; ids may repeat unless `unique`. */
export function anyRecords(options: { readonly unique: boolean }): fc.Arbitrary<VectorRecord[]> {
  return options.unique
    ? fc.uniqueArray(record, { selector: ({ id }) => id, maxLength: 20 })
    : fc.array(record, { maxLength: 20 });
}
