import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, metadataText, type VectorRecord } from '@vecport/abstractions';
import { fingerprints, recordFingerprints } from '@vecport/testkit';
import { RESERVED_FIELD, uuidOfId } from '@vecport/wire';
import fc from 'fast-check';
import { type CollectionLayout, readLayout } from '../src/layout.js';
import { planClass } from '../src/plan-class.js';
import { lastOfPage, readPage } from '../src/read-page.js';
import { planWrite } from '../src/records.js';
import { decodeObjects, type ModelObject, replyOf } from './support/weaviate-model.js';

const TYPES = {
  text: 'text',
  int: 'int',
  num: 'number',
  flag: 'boolean',
  texts: 'text[]',
  ints: 'int[]',
  nums: 'number[]',
};
const FIELD_TYPES = ['string', 'integer', 'number', 'boolean', 'string[]', 'integer[]', 'number[]'] as const;

const layout = own();
const types = new Map([...Object.entries(TYPES), [RESERVED_FIELD, 'text']]);
const target = { collection: 'Test', tenant: 'tenant', consistencyLevel: 'QUORUM' } as const;

const json = fc.json({ maxDepth: 2 });
const field = fc.oneof(
  json,
  fc.constantFrom(
    '1',
    '1.0',
    '-0.0',
    '1e2',
    '9007199254740993',
    '0.1',
    '"\\u00e9"',
    '"é"',
    '" a"',
    '""',
    '[]',
    '[1]',
    '[1.0]',
  ),
  fc.constantFrom(
    '["a"]',
    '["a",1]',
    '[ 1 ]',
    'true',
    'null',
    '[true]',
    '5e-324',
    '1.7976931348623157e308',
    '"\\ud800"',
  ),
);
const names = fc.constantFrom(...Object.keys(TYPES), 'other', 'id', '_vecport', 'a.b', '__proto__', '');
const object = fc.uniqueArray(fc.tuple(names, field), { selector: ([name]) => name, maxLength: 8 }).map((members) => {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
});
const id = fc.oneof(
  fc.uuid(),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.constantFrom('1', 'ABCDEF00-0000-4000-8000-000000000000'),
);
const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const record = fc.record({
  id,
  metadataText: fc.option(fc.oneof({ arbitrary: object, weight: 5 }, json), { nil: undefined }),
  vectors: fc.record(
    {
      default: fc.array(float, { minLength: 3, maxLength: 3 }).map((values) => Float32Array.from(values)),
      many: fc.array(
        fc.array(float, { minLength: 2, maxLength: 2 }).map((row) => Float32Array.from(row)),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  ),
});

describe('what is written', () => {
  it('is read again as it was: ids, vectors bit by bit, metadata', () => {
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: (one) => one.id, maxLength: 4 }), (records) => {
        const objects = write(records);
        const { batch, uuids } = readPage(replyOf(objects, types), {
          layout,
          dimensions: new Map([
            ['default', 3],
            ['many', 2],
          ]),
        });
        expect(fingerprints(batch)).toEqual(recordFingerprints(records));
        expect(uuids).toEqual(objects.map(({ uuid }) => uuid));
        expect(lastOfPage(replyOf(objects, types))).toEqual({ results: records.length, lastUuid: uuids.at(-1) ?? '' });
      }),
      { numRuns: 500 },
    );
  });

  it('gives the metadata in the order of the schema, each value as it was spelled', () => {
    const text = '{"num":1.0,"flag":true,"int":-7,"text":"\\u00e9","texts":["a"],"other":{"a":1}}';
    const { batch } = readPage(replyOf(write([{ id: 'x', metadataText: text }]), types), {
      layout,
      dimensions: new Map(),
    });
    expect(metadataText(batch.metadata, 0)).toBe(
      '{"int":-7,"flag":true,"texts":["a"],"num":1.0,"text":"\\u00e9","other":{"a":1}}',
    );
  });

  it('names collection and tenant, and keeps a uuid as it is and another id beside its uuid', () => {
    const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const [first, second] = write([
      { id: uuid, metadataText: '{}' },
      { id: '7', metadataText: '{}' },
    ]);
    expect(first).toMatchObject({ uuid, collection: 'Test', tenant: 'tenant', properties: new Map() });
    expect(second).toMatchObject({ uuid: uuidOfId('7'), properties: new Map([['_vecport', '{"id":"7"}']]) });
  });

  it('is split by bytes, one point at least in a message', () => {
    const records = Array.from({ length: 5 }, (_, n) => ({ id: String(n), metadataText: `"${'x'.repeat(1000)}"` }));
    const { messages } = planWrite(batchFromRecords(records), layout, target, 2500);
    expect(messages.map(({ ids }) => ids)).toEqual([['0', '1'], ['2', '3'], ['4']]);
    expect(planWrite(batchFromRecords(records), layout, target, 10).messages).toHaveLength(5);
  });

  it('is refused where a vector is not finite, is empty, or would be made by the server', () => {
    const points: VectorRecord[] = [
      { id: 'nan', vectors: { default: Float32Array.of(1, Number.NaN, 1) } },
      { id: 'inf', vectors: { default: Float32Array.of(1, 1, Number.POSITIVE_INFINITY) } },
      { id: 'empty', vectors: { many: [] } },
      { id: 'none' },
    ];
    const codes = (one: CollectionLayout) =>
      points.map((point) => planWrite(batchFromRecords([point]), one, target, 1e6).failed[0]?.code);
    expect(codes(layout)).toEqual(['invalid-argument', 'invalid-argument', 'not-supported', undefined]);
    const made = { ...layout, vectors: layout.vectors.map((vector) => ({ ...vector, vectorizer: 'text2vec-openai' })) };
    expect(codes(made)[3]).toBe('not-supported');
  });
});

function own(): CollectionLayout {
  const order = ['int', 'flag', 'texts', 'num', 'text', 'ints', 'nums'];
  const kinds = Object.keys(TYPES);
  const fields = order.map((name) => ({ name, type: FIELD_TYPES[kinds.indexOf(name)] ?? 'string' }));
  const spec = { elementType: 'float32', metric: 'dot' } as const;
  const schema = planClass(
    {
      name: 'Test',
      vectors: { default: { ...spec, kind: 'dense', dimension: 3 }, many: { ...spec, kind: 'multi', dimension: 2 } },
      idKinds: ['uuid', 'string'],
      fields,
    },
    'hnsw',
  );
  return readLayout({ schema, native: null });
}

function write(records: readonly VectorRecord[]): ModelObject[] {
  const { messages, failed } = planWrite(batchFromRecords(records), layout, target, 1e9);
  expect(failed).toEqual([]);
  return messages.flatMap(({ bytes }) => decodeObjects(bytes));
}
