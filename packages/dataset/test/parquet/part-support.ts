import {
  type MetadataColumn,
  metadataFromTexts,
  metadataText,
  sliceBatch,
  type VectorBatch,
  type VectorColumn,
  vectorAt,
} from '@vecport/abstractions';
import {
  type ByteSource,
  createParquetPartWriter,
  type ParquetPartOptions,
  type PartSchema,
  type PartSummary,
  type PartVector,
  type ReadParquetOptions,
  readParquetPart,
} from '@vecport/dataset';
import fc from 'fast-check';

/** A finished part in memory. */
export interface MemoryPart {
  readonly file: Buffer;
  readonly summary: PartSummary;
}

/** Write batches into memory. Their buffers are overwritten after each write, as a sender may do. */
export async function writePart(options: ParquetPartOptions, batches: readonly VectorBatch[]): Promise<MemoryPart> {
  const chunks: Buffer[] = [];
  const writer = createParquetPartWriter(options, async (parts) => {
    for (const part of parts) chunks.push(Buffer.from(part));
  });
  for (const batch of batches) {
    const copy = structuredClone(batch);
    await writer.write(copy);
    for (const column of Object.values(copy.vectors)) column.values.fill(-1);
    copy.metadata.bytes.fill(0xff);
  }
  return { summary: await writer.finish(), file: Buffer.concat(chunks) };
}

export function memorySource(file: Uint8Array): ByteSource {
  return { size: file.length, read: async (start, end) => file.subarray(start, end) };
}

/** All rows of a file as plain values, floats as their bits in hex. */
export async function readRows(file: Uint8Array, options?: ReadParquetOptions): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readParquetPart(memorySource(file), options)) {
    for (const row of plainRows(batch)) rows.push(row);
  }
  return rows;
}

/** The rows of a batch in the same form; what the schema has and the batch lacks counts as missing. */
export function plainRows(batch: VectorBatch, schema?: PartSchema): readonly unknown[] {
  const names = Object.keys(schema?.vectors ?? batch.vectors).sort();
  return batch.ids.map((id, row) => ({
    id,
    vectors: names.map((name) => [name, plainVector(batch.vectors[name], row)]),
    metadata: metadataText(batch.metadata, row),
    createdAt: batch.createdAt?.[row] ?? Number.NaN,
    updatedAt: batch.updatedAt?.[row] ?? Number.NaN,
  }));
}

function plainVector(column: VectorColumn | undefined, row: number): unknown {
  const value = column && vectorAt(column, row);
  if (value === undefined) return undefined;
  if (value instanceof Float32Array) return bits(value);
  if ('indices' in value) return [[...value.indices], bits(value.values)];
  return value.map((vector) => bits(vector));
}

export function bits(values: Float32Array): string {
  return Buffer.from(values.slice().buffer).toString('hex');
}

/** Cut a batch into pieces of the given sizes, over and over. */
export function cutBatch(batch: VectorBatch, sizes: readonly number[]): readonly VectorBatch[] {
  const pieces: VectorBatch[] = [];
  for (let at = 0, index = 0; at < batch.ids.length; index++) {
    const end = Math.min(batch.ids.length, at + (sizes[index % sizes.length] ?? 1));
    pieces.push(sliceBatch(batch, at, end));
    at = end;
  }
  return pieces;
}

/** Bits of floats that are easily lost: both zeros, denormals, infinities, quiet and signalling NaNs with payload. */
const HARD_FLOATS = [
  0, 0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000, 0x7fc00001, 0xffc12345, 0x7f800001, 0x7f7fffff,
];

const floatBits = fc.oneof(fc.constantFrom(...HARD_FLOATS), fc.nat({ max: 0xffffffff }));

export function floatsFrom(words: readonly number[]): Float32Array {
  return new Float32Array(Uint32Array.from(words).buffer);
}

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.array(floatBits, { minLength: length, maxLength: length }).map(floatsFrom);

const dimension = fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined });

const vectorSpec: fc.Arbitrary<PartVector> = fc.oneof(
  fc.record({ kind: fc.constant('dense' as const), dimension }),
  fc.record({ kind: fc.constant('multi' as const), dimension }),
  fc.constant({ kind: 'sparse' as const }),
);

const vectorName = fc.oneof(
  fc.constantFrom('default', 'title', 'Title', 'title_2', '__proto__', 'a.b', '', '7'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);

const partSchema: fc.Arbitrary<PartSchema> = fc.record({
  vectors: fc
    .uniqueArray(fc.tuple(vectorName, vectorSpec), { maxLength: 4, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries)),
  createdAt: fc.boolean(),
  updatedAt: fc.boolean(),
});

const id = fc.oneof(
  fc.uuid(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

const metadata = fc.option(
  fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 30 }), fc.constant('9007199254740993')),
  { nil: undefined },
);

const time = fc.oneof(fc.constant(Number.NaN), fc.maxSafeInteger());

/** Which of `rows` rows have no value; often none or all of them. */
const missing = (rows: number): fc.Arbitrary<Uint8Array | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.constant(new Uint8Array(rows).fill(1)),
    fc.array(fc.constantFrom(0, 1), { minLength: rows, maxLength: rows }).map((flags) => Uint8Array.from(flags)),
  );

/** A schema and a batch that fits it. */
export const partInput: fc.Arbitrary<{ readonly schema: PartSchema; readonly batch: VectorBatch }> = fc
  .tuple(partSchema, fc.integer({ min: 0, max: 30 }))
  .chain(([schema, rows]) => fc.record({ schema: fc.constant(schema), batch: batchOf(schema, rows) }));

function batchOf(schema: PartSchema, rows: number): fc.Arbitrary<VectorBatch> {
  const each = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { minLength: rows, maxLength: rows });
  const times = each(time).map((values) => Float64Array.from(values));
  const columns = Object.entries(schema.vectors).map(([name, vector]) =>
    fc.option(columnOf(vector, rows), { nil: undefined, freq: 9 }).map((column) => [name, column] as const),
  );
  return fc.record({
    ids: each(id),
    vectors: fc
      .tuple(...columns)
      .map(
        (entries) =>
          Object.fromEntries(entries.filter(([, column]) => column !== undefined)) as Record<string, VectorColumn>,
      ),
    metadata: each(metadata).map((texts): MetadataColumn => metadataFromTexts(texts)),
    createdAt: schema.createdAt ? fc.option(times, { nil: undefined }) : fc.constant(undefined),
    updatedAt: schema.updatedAt ? times : fc.constant(undefined),
  });
}

function columnOf(vector: PartVector, rows: number): fc.Arbitrary<VectorColumn> {
  return missing(rows).chain((flags): fc.Arbitrary<VectorColumn> => {
    const size = vector.dimension ?? 0;
    if (vector.kind === 'dense') {
      return floats(rows * size).map((values) => ({ kind: 'dense', dimension: size, values, missing: flags }));
    }
    return fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: rows, maxLength: rows })
      .chain((counts): fc.Arbitrary<VectorColumn> => {
        const offsets = new Uint32Array(rows + 1);
        counts.forEach((count, row) => {
          offsets[row + 1] = (offsets[row] ?? 0) + (flags?.[row] === 1 ? 0 : count);
        });
        const total = offsets[rows] ?? 0;
        if (vector.kind === 'multi') {
          return floats(total * size).map((values) => ({
            kind: 'multi',
            dimension: size,
            offsets,
            values,
            missing: flags,
          }));
        }
        const indices = fc
          .array(floatBits, { minLength: total, maxLength: total })
          .map((words) => Uint32Array.from(words));
        return fc.record({
          kind: fc.constant('sparse' as const),
          offsets: fc.constant(offsets),
          indices,
          values: floats(total),
          missing: fc.constant(flags),
        });
      });
  });
}

/** Everything beside the schema that a part can be written with. */
export const partOptions: fc.Arbitrary<Omit<ParquetPartOptions, 'schema'>> = fc.record({
  compression: fc.constantFrom('zstd', 'none', 'gzip', 'snappy'),
  vectors: fc.constantFrom('plain', 'split'),
  pageRows: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  rowGroupRows: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
});
