import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';
import {
  createDigest,
  joinParquet,
  type OtherLayout,
  type PartSchema,
  readParquetFooter,
  readParquetPart,
} from '@vecport/dataset';
import fc from 'fast-check';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import {
  cutBatch,
  memorySource,
  partInput,
  partOptions,
  plainRows,
  readRows,
  writePart,
} from '../parquet/part-support.js';

const sizes = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 4 });

/** What each layout can hold of a schema and a batch that fit the native one. */
function held(layout: OtherLayout, schema: PartSchema, batch: VectorBatch) {
  const kinds = { weaviate: ['dense', 'multi'], qdrant: ['dense'], pinecone: ['dense', 'sparse'], vdf: ['dense'] }[
    layout
  ];
  const used = new Set<string>();
  const vectors = Object.fromEntries(
    Object.entries(schema.vectors).filter(([name, { kind, dimension }]) => {
      const single = layout === 'qdrant' || layout === 'pinecone';
      if (!kinds.includes(kind) || (single && used.has(kind))) return false;
      if (layout === 'weaviate' && dimension === undefined) return false;
      if (layout === 'vdf' && ['id', 'metadata', 'vector'].includes(name.toLowerCase())) return false;
      used.add(kind);
      return true;
    }),
  );
  const own = Object.fromEntries(Object.entries(batch.vectors).filter(([name]) => Object.hasOwn(vectors, name)));
  for (const [name, column] of Object.entries(own)) {
    if (layout !== 'weaviate' || (name === 'default' && column.kind === 'dense')) continue;
    for (const [at, value] of column.values.entries()) if (!Number.isFinite(value)) column.values[at] = -0;
  }
  const times = layout === 'weaviate';
  return {
    schema: {
      vectors,
      createdAt: times,
      updatedAt: times,
      layout,
      ...(times && { className: 'Thing' }),
    } satisfies PartSchema,
    batch: {
      ids: batch.ids.map((id, row) => (layout === 'pinecone' ? `${row}` : id)),
      vectors: layout === 'pinecone' ? withoutMissing(own) : own,
      metadata: metadataFromTexts(batch.ids.map((_, row) => [undefined, '{}', '{"a": 1.0,"b":[""]}'][row % 3])),
      createdAt: times ? batch.createdAt : undefined,
      updatedAt: times ? batch.updatedAt : undefined,
    } satisfies VectorBatch,
  };
}

function withoutMissing(vectors: VectorBatch['vectors']): VectorBatch['vectors'] {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, column]) => [
      name,
      column.kind === 'dense' ? { ...column, missing: undefined } : column,
    ]),
  );
}

describe.each(['weaviate', 'qdrant', 'pinecone', 'vdf'] as const)('a part in the layout %s', (layout) => {
  it('gives every row back with the same bits, in order', async () => {
    await fc.assert(
      fc.asyncProperty(partInput, partOptions, sizes, async (input, options, cuts) => {
        const { schema, batch } = held(layout, input.schema, input.batch);
        fc.pre(
          layout !== 'pinecone' || Object.keys(schema.vectors).every((name) => Object.hasOwn(batch.vectors, name)),
        );
        const { file } = await writePart({ schema, ...options }, cutBatch(batch, cuts));
        expect(await readRows(file)).toEqual(plainRows(batch, schema));
        expect((await readParquetFooter(memorySource(file))).schema).toEqual(schema);
      }),
      { numRuns: 150 },
    );
  });

  it('is joined from pieces by copying, and reads as their rows one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(partInput, partOptions, sizes, async (input, options, cuts) => {
        const { schema, batch } = held(layout, input.schema, input.batch);
        fc.pre(
          layout !== 'pinecone' || Object.keys(schema.vectors).every((name) => Object.hasOwn(batch.vectors, name)),
        );
        const pieces = await Promise.all(
          cutBatch(batch, cuts).map(async (piece) => (await writePart({ schema, ...options }, [piece])).file),
        );
        fc.pre(pieces.length > 0);
        const chunks: Buffer[] = [];
        const joined = await joinParquet(pieces.map(memorySource), async (parts) => {
          for (const part of parts) chunks.push(Buffer.from(part));
        });
        const file = Buffer.concat(chunks);
        expect(joined).toEqual({ rows: batch.ids.length, bytes: file.length });
        expect(await readRows(file)).toEqual(plainRows(batch, schema));
      }),
      { numRuns: 100 },
    );
  });
});

describe('columns', () => {
  const batch = batchFromRecords([
    {
      id: '00000000-0000-4000-8000-000000000001',
      vectors: {
        default: Float32Array.of(0.1, -0),
        title: Float32Array.of(1e-7, 3),
        col: [Float32Array.of(1), Float32Array.of(2)],
      },
      metadataText: '{"n":9007199254740993}',
    },
    { id: '00000000-0000-4000-8000-000000000002' },
  ]);
  const vectors = {
    default: { kind: 'dense', dimension: 2 },
    title: { kind: 'dense', dimension: 2 },
    col: { kind: 'multi', dimension: 1 },
  } as const;

  it('are those of Weaviate', async () => {
    const schema = { vectors, createdAt: true, updatedAt: true, layout: 'weaviate', className: 'Thing' } as const;
    const { file } = await writePart({ schema, compression: 'zstd', vectors: 'plain' }, [batch]);
    expect(columnsOf(file)).toEqual([
      'id BYTE_ARRAY UTF8 REQUIRED',
      'class_name BYTE_ARRAY UTF8 REQUIRED',
      'creation_time INT64 - OPTIONAL',
      'update_time INT64 - OPTIONAL',
      'vector BYTE_ARRAY - OPTIONAL',
      'named_vectors BYTE_ARRAY - OPTIONAL',
      'multi_vectors BYTE_ARRAY - OPTIONAL',
      'properties BYTE_ARRAY - OPTIONAL',
    ]);
    expect(await digestOf(file)).toEqual(digest(batch));
  });

  it.each([
    ['qdrant', ['key BYTE_ARRAY UTF8 REQUIRED', 'metadata BYTE_ARRAY UTF8 OPTIONAL', 'vector - LIST OPTIONAL']],
    ['pinecone', ['id BYTE_ARRAY UTF8 REQUIRED', 'values - LIST OPTIONAL', 'metadata BYTE_ARRAY UTF8 OPTIONAL']],
    ['vdf', ['id BYTE_ARRAY UTF8 REQUIRED', 'vector - LIST OPTIONAL', 'metadata BYTE_ARRAY UTF8 OPTIONAL']],
  ] as const)('are those of %s', async (layout, columns) => {
    const schema = { vectors: { default: vectors.default }, createdAt: false, updatedAt: false, layout };
    const { file } = await writePart({ schema, compression: 'zstd', vectors: 'plain' }, []);
    expect(columnsOf(file)).toEqual(columns);
  });
});

function columnsOf(file: Buffer): readonly string[] {
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  return parquetSchema(parquetMetadata(bytes)).children.map(({ element }) =>
    [element.name, element.type ?? '-', element.converted_type ?? '-', element.repetition_type].join(' '),
  );
}

async function digestOf(file: Buffer) {
  const sum = createDigest();
  for await (const read of readParquetPart(memorySource(file))) sum.add(read);
  return sum.value();
}

function digest(batch: VectorBatch) {
  const sum = createDigest();
  sum.add(batch);
  return sum.value();
}
