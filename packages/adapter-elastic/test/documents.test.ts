import { describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type JsonValue,
  metadataText,
  parseJson,
  stringifyJson,
  type VectorBatch,
  vectorAt,
  type WriteFailure,
} from '@vecport/abstractions';
import { bytePool, floatsToBase64, JsonReader } from '@vecport/wire';
import fc from 'fast-check';
import { rewrittenNumber } from '../src/foreign-document.js';
import { hitReader } from '../src/hits.js';
import { type IndexLayout, layoutOf } from '../src/layout.js';
import type { MappedField } from '../src/mapping.js';
import { type BulkPart, bulkParts } from '../src/records.js';

const FIELDS = [
  { name: 'n', type: 'integer' },
  { name: 'tags', type: 'string[]' },
] as const;

function layoutWith(vectors: Readonly<Record<string, MappedField>>, own = true): IndexLayout {
  const names = Object.fromEntries(
    Object.keys(vectors).map((field) => [field === 'vector' ? 'default' : field, field]),
  );
  return layoutOf('points', 'points', {
    mappings: {
      ...(own && { _meta: { vecport: { version: 1, idKinds: ['string'], vectors: names, fields: FIELDS } } }),
      properties: { ...vectors, n: { type: 'long' }, tags: { type: 'keyword' } },
    },
  });
}

const FLOATS = layoutWith({ vector: { type: 'dense_vector', dims: 3, similarity: 'cosine' } });

function bulkPlan(layout: IndexLayout, batch: VectorBatch, base64: boolean) {
  const failed: WriteFailure[] = [];
  const made: readonly BulkPart[] = [...bulkParts(layout, batch, { base64, failed, allocate: bytePool().take })];
  return { parts: made.map(({ ids, body }) => ({ ids, body: body.toString() })), failed };
}

function read(layout: IndexLayout, hit: string) {
  const reader = hitReader({ layout, vectors: true, capacity: 2 });
  reader.read(new JsonReader(Buffer.from(hit)));
  const batch = reader.build();
  const vectors = Object.entries(batch.vectors).map(([name, column]) => {
    const value = vectorAt(column, 0);
    return [name, value instanceof Float32Array ? [...value] : value];
  });
  return { text: metadataText(batch.metadata, 0), vectors: Object.fromEntries(vectors) as Record<string, unknown> };
}

/** The document a bulk request would store, given back as a hit. */
function throughDocument(layout: IndexLayout, metadata: string | undefined, embedding: Float32Array, base64: boolean) {
  const batch = batchFromRecords([{ id: 'p', embedding, metadataText: metadata }]);
  const { parts, failed } = bulkPlan(layout, batch, base64);
  expect(failed).toEqual([]);
  const lines = parts[0]?.body.split('\n') ?? [];
  expect(lines).toHaveLength(3);
  const { index } = JSON.parse(lines[0] ?? '') as { index: { _id: string; routing?: string } };
  const routing = index.routing === undefined ? '' : `"_routing":${JSON.stringify(index.routing)},`;
  return read(layout, `{"_id":"p",${routing}"_source":${lines[1]},"sort":[1,2]}`);
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('points as documents', () => {
  it('come back with the same metadata and the same bits, whatever the metadata is', () => {
    const key = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '.',
        'a..b',
        'n',
        'n.x',
        'tags',
        'vector',
        '_vecport',
        '_id',
        '_routing',
        '__proto__',
        'vector.x',
      ),
      fc.string({ unit: 'grapheme' }),
    );
    const value = fc.jsonValue({ depthSize: 'small' });
    const metadata = fc.option(fc.oneof(fc.dictionary(key, value, { noNullPrototype: true }), value), {
      nil: undefined,
    });
    fc.assert(
      fc.property(
        metadata,
        fc.tuple(float, float, float),
        fc.boolean(),
        fc.boolean(),
        (given, floats, base64, spaced) => {
          const text = given === undefined ? undefined : stringifyJson(given, spaced ? 2 : 0);
          const embedding = Float32Array.from(floats);
          const { text: back, vectors } = throughDocument(FLOATS, text, embedding, base64);
          expect(back === undefined ? undefined : sorted(parseJson(back))).toEqual(
            text === undefined ? undefined : sorted(parseJson(text)),
          );
          expect(vectors['default']).toEqual([...embedding]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keep the spelling of what stays in the document', () => {
    const text = '{"a":1.0,"b":1e2,"c":0.1000000000000000055511151231257827,"d":"\\u00e9","n":9007199254740993}';
    expect(throughDocument(FLOATS, text, Float32Array.of(1, 2, 3), true).text).toBe(text);
  });

  it('are refused one by one where they cannot be kept', () => {
    const records = [
      { id: 'nan', embedding: Float32Array.of(1, Number.NaN, 0) },
      { id: 'infinite', embedding: Float32Array.of(1, Number.NEGATIVE_INFINITY, 0) },
      { id: 'half', embedding: Float32Array.of(1, 2, 3), metadataText: '{"a":' },
      { id: '\ud800', embedding: Float32Array.of(1, 2, 3) },
      { id: 'good', embedding: Float32Array.of(1, 2, 3), metadataText: '{"a":\n1}' },
    ];
    const { parts, failed } = bulkPlan(FLOATS, batchFromRecords(records), false);
    expect(failed.map(({ id, code }) => [id, code])).toEqual(
      ['nan', 'infinite', 'half', '\ud800'].map((id) => [id, 'invalid-argument']),
    );
    expect(parts).toEqual([{ ids: ['good'], body: '{"index":{"_id":"good"}}\n{"vector":[1,2,3],"a":1}\n' }]);
  });

  it('are sent in requests of about three megabytes', () => {
    const big = `{"s":"${'x'.repeat(900_000)}"}`;
    const records = Array.from({ length: 7 }, (_, n) => ({
      id: String(n),
      embedding: Float32Array.of(1, 2, 3),
      metadataText: big,
    }));
    expect(bulkPlan(FLOATS, batchFromRecords(records), true).parts.map(({ ids }) => ids.length)).toEqual([3, 3, 1]);
  });
});

describe('documents as points', () => {
  const base64 = floatsToBase64(Float32Array.of(0.1, -2, 3e-3), 'big');
  const expected = [...Float32Array.of(0.1, -2, 3e-3)];

  it.each([
    ['a list', '[0.1, -2,3e-3]'],
    ['a list of doubles in full length', '[0.10000000149011612, -2.0000000000000000, 3.0000000260770321e-3]'],
    ['base64', `"${base64}"`],
    ['base64 with escaped slashes', `"${base64.replaceAll('/', '\\/')}"`],
  ])('read a vector from %s', (_, text) => {
    const hit = `{"_index":"i","_id":"a","_ignored":["x"],"_source":{ "before":[1] ,"vector":${text} , "after":{"vector":2}},"sort":[5,6]}`;
    expect(read(FLOATS, hit)).toEqual({ text: '{"before":[1],"after":{"vector":2}}', vectors: { default: expected } });
  });

  it('read a vector from doc values, of every server', () => {
    for (const values of [`["${base64}"]`, '[[0.1,-2.0,3e-3]]', '[0.1,-2.0,3e-3]']) {
      const hit = `{"_id":"a","_source":{"n":1},"fields":{"vector":${values},"other":[1]},"sort":[5]}`;
      expect(read(FLOATS, hit)).toEqual({ text: '{"n":1}', vectors: { default: expected } });
    }
  });

  it('read bytes and bits in all forms', () => {
    const bytes = layoutWith({ vector: { type: 'dense_vector', dims: 4, element_type: 'byte', similarity: 'cosine' } });
    for (const text of ['[1,2,-128,127]', '"0102807f"', '"AQKAfw=="'])
      expect(read(bytes, `{"_id":"a","_source":{"vector":${text}}}`).vectors['default']).toEqual([1, 2, -128, 127]);
    const bits = layoutWith({ vector: { type: 'dense_vector', dims: 16, element_type: 'bit' } });
    for (const text of ['[-1,1]', '"ff01"', '"/wE="']) {
      const { vectors } = read(bits, `{"_id":"a","_source":{"vector":${text}}}`);
      expect(vectors['default']).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
    }
    const halves = layoutWith({
      vector: { type: 'dense_vector', dims: 2, element_type: 'bfloat16', similarity: 'cosine' },
    });
    expect(read(halves, '{"_id":"a","_source":{"vector":"P4BAAA=="}}').vectors['default']).toEqual([1, 2]);
  });

  it('leave a missing vector missing, and zeros are not made up', () => {
    for (const source of ['{"n":1}', '{"vector":null,"n":1}'])
      expect(read(FLOATS, `{"_id":"a","_source":${source}}`)).toEqual({
        text: '{"n":1}',
        vectors: { default: undefined },
      });
  });

  it('take vectors out of objects, and leave lists of objects alone', () => {
    const layout = layoutOf('p', 'p', {
      mappings: {
        properties: {
          a: { properties: { b: { properties: { v: { type: 'dense_vector', dims: 1 } } }, t: { type: 'text' } } },
        },
      },
    });
    const cases = [
      ['{"a":{"t":"x","b":{"v":[1],"w":2}},"c":3}', '{"a":{"t":"x","b":{"w":2}},"c":3}', [1]],
      ['{"a.b.v":[2],"c":3}', '{"c":3}', [2]],
      ['{"a":{"b.v":[3]}}', undefined, undefined],
      ['{"a":[{"b":{"v":[1]}}]}', '{"a":[{"b":{"v":[1]}}]}', undefined],
    ] as const;
    for (const [source, text, vector] of cases.filter(([, kept]) => kept !== undefined)) {
      const hit = read(layout, `{"_id":"a","_source":${source}}`);
      expect(hit).toEqual({ text, vectors: { 'a.b.v': vector } });
    }
  });

  it.each([
    ['too few dimensions', '{"_id":"a","_source":{"vector":[1,2]}}'],
    ['too many dimensions', '{"_id":"a","_source":{"vector":[1,2,3,4]}}'],
    ['too few of many digits', '{"_id":"a","_source":{"vector":[1.00000000000000000000,2.00000000000000000000]}}'],
    [
      'long things that are no numbers',
      '{"_id":"a","_source":{"vector":["1.0000000000000","2.0000000000000","3.0000000000000"]}}',
    ],
    ['text that is no vector', '{"_id":"a","_source":{"vector":"hello"}}'],
    ['base64 of another length', `{"_id":"a","_source":{"vector":"${floatsToBase64(Float32Array.of(1, 2), 'big')}"}}`],
    ['no identifier', '{"_source":{}}'],
    ['no document', '{"_id":"a"}'],
    ['an end in the middle', '{"_id":"a","_source":{"vector":[1,2'],
  ])('are refused with %s', (_, hit) => {
    expect(() => read(FLOATS, hit)).toThrow(expect.objectContaining({ code: 'corrupt-data' }));
  });

  it('never hang on or crash over bytes that were changed on their way', () => {
    const hit = `{"_id":"a","_routing":"r","_source":{"vector":"${base64}","n":[1,{"a":"b"}],"_vecport":{"text":"{}"}},"sort":[1,2]}`;
    fc.assert(
      fc.property(fc.nat(hit.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(hit);
        bytes[at] = byte;
        try {
          const reader = hitReader({ layout: FLOATS, vectors: true, capacity: 1 });
          reader.read(new JsonReader(bytes));
        } catch (error) {
          expect(error).toMatchObject({ code: 'corrupt-data' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('numbers in documents that the server rewrites', () => {
  it.each(['1.0', '-0.0', '0.5', '12345.25', '123', '1234567890123456789012', '9999999.5'])('%s stays', (text) => {
    expect(rewrittenNumber(`{"a":[${text}],"s":"1e2"}`)).toBeUndefined();
  });
  it.each(['1e2', '1E+2', '0.0001', '12345678.5', '1.50', '0.10000000000000000555', '0e0', '-0.00'])(
    '%s does not',
    (text) => {
      expect(rewrittenNumber(`{"a":[${text}]}`)).toBe(text);
    },
  );
});

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => sorted(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as { readonly [key: string]: JsonValue });
  return entries.toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([key, part]) => [key, sorted(part)]);
}
