import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, isVecportError, metadataText, type VectorBatch, vectorAt } from '@vecport/abstractions';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';
import { DATA_TYPE } from '../src/data-types.js';
import { foreignRow } from '../src/foreign-rows.js';
import type { Layout, VectorField } from '../src/layout.js';
import { idsOf, pointsOf, readQueryAnswer } from '../src/read-points.js';
import { readSchema, writeSchema } from '../src/schema.js';
import { writeDynamic, writeKeys, writeScalars, writeVectors } from '../src/write-columns.js';
import { rowsAnswer } from './support/fake-milvus.js';
import { field, foreignLayout, MILVUS, ownLayout } from './support/layouts.js';

/** The columns of a write as the answer of a query: the messages are the same, their field number is not. */
function asAnswer(write: (writer: ProtoWriter) => void): Uint8Array {
  const request = new ProtoWriter();
  write(request);
  const reader = new ProtoReader(request.finish());
  const answer = new ProtoWriter();
  while (reader.next() !== 0) answer.data(2, reader.data());
  return answer.finish();
}

function read(layout: Layout, answer: Uint8Array): VectorBatch {
  const columns = readQueryAnswer(answer);
  return pointsOf(layout, columns, idsOf(layout, columns));
}

describe('decoders', () => {
  it('read every kind of key and vector as it is written', () => {
    const dimension = 8;
    const types: readonly (readonly [number, fc.Arbitrary<number>])[] = [
      [DATA_TYPE.FloatVector, fc.float({ noNaN: true, noDefaultInfinity: true })],
      [DATA_TYPE.BinaryVector, fc.constantFrom(0, 1)],
      [DATA_TYPE.Float16Vector, fc.integer({ min: -2048, max: 2048 }).map((value) => value / 8 + 0)],
      [DATA_TYPE.BFloat16Vector, fc.integer({ min: -128, max: 128 }).map((value) => value * 2 + 0)],
      [DATA_TYPE.Int8Vector, fc.integer({ min: -128, max: 127 })],
    ];
    for (const [type, number] of types) {
      const base = ownLayout([], 'int64');
      const vector: VectorField = {
        name: 'default',
        field: 'vector',
        type,
        kind: 'dense',
        dimension,
        elementType: 'float32',
      };
      const layout: Layout = { ...base, vectors: [vector] };
      const floats = fc
        .array(number, { minLength: dimension, maxLength: dimension })
        .map((values) => Float32Array.from(values));
      const ids = fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(ids, fc.array(floats, { minLength: 5, maxLength: 5 }), (keys, vectors) => {
          const records = keys.map((key, at) => ({
            id: String(key),
            embedding: vectors[at] ?? new Float32Array(dimension),
            metadata: { at },
          }));
          const batch = batchFromRecords(records);
          const answer = asAnswer((writer) => {
            writeKeys(writer, layout, batch.ids);
            writeVectors(writer, vector, batch);
            writeDynamic(
              writer,
              records.map(({ metadata }) => Buffer.from(JSON.stringify(metadata))),
            );
          });
          const back = read(layout, answer);
          expect(back.ids).toEqual(batch.ids);
          const column = back.vectors['default'];
          expect(column?.values).toEqual(batch.vectors['default']?.values);
          expect(keys.map((_, row) => metadataText(back.metadata, row))).toEqual(keys.map((_, at) => `{"at":${at}}`));
        }),
        { numRuns: 20 },
      );
    }
  });

  it('read sparse vectors as they are written', () => {
    const sparse: VectorField = {
      name: 'default',
      field: 'vector',
      type: DATA_TYPE.SparseFloatVector,
      kind: 'sparse',
      dimension: 0,
      elementType: 'float32',
    };
    const layout: Layout = { ...ownLayout(), vectors: [sparse] };
    const entries = { indices: Uint32Array.of(0, 7, 4_294_967_294), values: Float32Array.of(0.1, -2, 3) };
    const batch = batchFromRecords([{ id: 'a', vectors: { default: entries } }]);
    const back = read(
      layout,
      asAnswer((writer) => {
        writeKeys(writer, layout, batch.ids);
        writeVectors(writer, sparse, batch);
        writeDynamic(writer, [Buffer.from('{}')]);
      }),
    );
    const [column] = Object.values(back.vectors);
    expect(column === undefined ? undefined : vectorAt(column, 0)).toEqual(entries);
  });

  it('read the fields of foreign collections as they are written', () => {
    const layout = foreignLayout([
      field('flag', DATA_TYPE.Bool),
      field('small', DATA_TYPE.Int8),
      field('big', DATA_TYPE.Int64),
      field('real', DATA_TYPE.Double),
      field('short', DATA_TYPE.Float),
      field('text', DATA_TYPE.VarChar, { nullable: true }),
      field('json', DATA_TYPE.JSON),
      field('list', DATA_TYPE.Array, { elementType: DATA_TYPE.VarChar }),
    ]);
    const texts = [
      '{"flag":true,"small":-128,"big":9007199254740993,"real":0.1,"short":0.5,"text":"a\\nb","json":{"x":[1.0]},"list":["p","q"],"more":1}',
      '{"flag":false,"small":0,"big":-1,"real":-0.0,"short":2.0,"text":null,"json":[1],"list":[],"more":{"y":null}}',
    ];
    const batch = batchFromRecords(
      texts.map((metadataJson, at) => ({
        id: String(at),
        embedding: Float32Array.of(at, 1),
        metadataText: metadataJson,
      })),
    );
    const rows = texts.map((_, row) => foreignRow(layout, MILVUS, batch, row));
    const answer = asAnswer((writer) => {
      writeKeys(writer, layout, batch.ids);
      for (const scalar of layout.scalars) writeScalars(writer, scalar, rows);
      for (const vector of layout.vectors) writeVectors(writer, vector, batch);
      writeDynamic(
        writer,
        rows.map(({ dynamic }) => dynamic),
      );
    });
    const back = read(layout, answer);
    expect(texts.map((_, row) => metadataText(back.metadata, row))).toEqual(texts);
  });

  it('end in an error of ours for bytes that are cut or changed anywhere, never in a crash or in other points', () => {
    const layout = ownLayout();
    const whole = rowsAnswer(['a', 'b', 'c'], 'varchar');
    expect(read(layout, whole).ids).toEqual(['a', 'b', 'c']);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.option(fc.integer({ min: 1, max: 255 })), (at, change) => {
        const bytes =
          change === null ? whole.slice(0, at) : whole.map((byte, index) => (index === at ? byte ^ change : byte));
        try {
          const { ids, vectors, metadata } = read(layout, bytes);
          expect(vectors['default']?.kind === 'dense' ? vectors['default'].values.length : 0).toBe(ids.length * 2);
          expect(metadata.offsets).toHaveLength(ids.length + 1);
        } catch (error) {
          expect(isVecportError(error) && error.code).toBe('corrupt-data');
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          read(layout, bytes);
        } catch (error) {
          expect(isVecportError(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('read schemas as they are written', () => {
    const schema = {
      description: 'größe',
      autoId: false,
      dynamic: true,
      fields: [
        field('id', DATA_TYPE.VarChar, { isPrimaryKey: true, params: { max_length: '100' } }),
        field('list', DATA_TYPE.Array, { elementType: DATA_TYPE.Int64, nullable: true, params: { max_capacity: '9' } }),
        field('n', DATA_TYPE.Int64, {
          defaultValue: Uint8Array.of(24, 5),
          isPartitionKey: true,
          description: 'a number',
        }),
      ],
      functions: [],
      structs: [],
    };
    expect(readSchema(writeSchema('points', schema))).toEqual(schema);
  });
});
