import { describe, expect, it } from '@jest/globals';
import { metadataText } from '@vecport/abstractions';
import { jsonObject } from '@vecport/wire';
import fc from 'fast-check';
import { faceOf, payloadOf, splitPayload } from '../src/metadata.js';
import { doubleText, storedAs } from '../src/payload-values.js';
import { pointIdOf } from '../src/point-id.js';
import { filledCollection, TRANSPORTS, withFake, withStore } from './support/open-fake.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function stored(id: string, text: string | undefined): string {
  return jsonObject(payloadOf(id, text === undefined ? undefined : bytes(text)));
}

describe('how a payload is stored', () => {
  it.each([
    [
      '{"n":1,"d":0.25,"s":"x","b":true,"z":null,"l":[1,[]],"o":{"k":-3}}',
      '{"n":1,"d":0.25,"s":"x","b":true,"z":null,"l":[1,[]],"o":{"k":-3}}',
    ],
    ['{"n":1.0}', '{"n":1.0,"_vecport":"{\\"fields\\":{\\"n\\":1.0}}"}'],
    ['{"n":1e2,"k":1}', '{"k":1,"n":100.0,"_vecport":"{\\"fields\\":{\\"n\\":1e2}}"}'],
    ['{"o":{"a":[-0.0,2]}}', '{"o":{"a":[0.0,2]},"_vecport":"{\\"fields\\":{\\"o\\":{\\"a\\":[-0.0,2]}}}"}'],
    ['{"n":18446744073709551615}', '{"_vecport":"{\\"fields\\":{\\"n\\":18446744073709551615}}"}'],
    ['{"s":"\\ud800"}', '{"_vecport":"{\\"fields\\":{\\"s\\":\\"\\\\ud800\\"}}"}'],
    ['{"o":{"a":1,"a":2}}', '{"_vecport":"{\\"fields\\":{\\"o\\":{\\"a\\":1,\\"a\\":2}}}"}'],
    ['[1]', '{"_vecport":"{\\"value\\":[1]}"}'],
    [undefined, '{"_vecport":"{\\"none\\":true}"}'],
  ])('%s', (text, expected) => {
    expect(stored('7', text)).toBe(expected);
  });

  it('keeps the identifier of a point that is stored under a uuid', () => {
    expect(stored('text', '{}')).toBe('{"_vecport":"{\\"id\\":\\"text\\"}"}');
    expect(stored('-1', '{}')).toBe('{"_vecport":"{\\"id\\":\\"-1\\"}"}');
    expect(stored('3F2504E0-4F89-41D3-9A0C-0305E82C3301', '{}')).toContain('3F2504E0');
    expect(stored('3f2504e0-4f89-41d3-9a0c-0305e82c3301', '{}')).toBe('{}');
  });

  it('gives every metadata back as it was written, but for the order of keys', () => {
    const json = fc.oneof(
      fc.json({ maxDepth: 3, stringUnit: 'binary' }),
      fc
        .dictionary(
          fc.constantFrom('a', 'b', '_vecport', 'k"'),
          fc.constantFrom('1', '1.0', '1e5', '-0', '"x"', '[1.50]', '{"x":1e-7}', '12345678901234567890'),
        )
        .map((object) => jsonObject(Object.entries(object).map(([key, value]) => ({ key, value })))),
    );
    fc.assert(
      fc.property(json, fc.string({ unit: 'binary', minLength: 1 }), (text, id) => {
        const { payload, reserved } = splitPayload(bytes(stored(id, text)));
        const face = faceOf(pointIdOf(id), payload, reserved);
        expect(face.id).toBe(id);
        const members = (object: string): string[] =>
          object
            .split(/(?<=[,{[])/)
            .map((part) => part.replace(/[,{}]/g, ''))
            .toSorted();
        expect(members(Buffer.from(face.metadata ?? []).toString())).toEqual(members(text));
      }),
    );
  });

  it.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [1e20, '1e+20'],
    [1e16, '1e+16'],
    [123_456_789_012_345, '123456789012345.0'],
    [1.5e-6, '1.5e-6'],
    [0.00002, '0.00002'],
    [5e-324, '5e-324'],
  ])('the double %d is printed %s', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it('goes no deeper than Qdrant`s decoder', () => {
    const nested = (levels: number): Uint8Array => bytes(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    expect(storedAs(nested(20))).toBe('exact');
    expect(storedAs(nested(40))).toBe('lossy');
  });
});

describe.each(TRANSPORTS)('numbers in another spelling, over %s', (transport) => {
  it('are found by filters and given back as they were written', async () => {
    await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, []);
        const texts = ['{"price":5.0}', '{"price":5}', '{"price":1e3}', '{"other":5.0}'];
        await collection.upsertMany(
          {
            ids: ['1', '2', '3', '4'],
            vectors: {},
            metadata: { bytes: bytes(texts.join('')), offsets: Uint32Array.of(0, 13, 24, 37, 50) },
          },
          {},
        );
        expect(await collection.count({ op: 'eq', field: 'price', value: 5 }, {})).toBe(2);
        expect(await collection.count({ op: 'gt', field: 'price', value: 100 }, {})).toBe(1);
        const { metadata } = await collection.get(['1', '2', '3', '4'], {});
        expect([0, 1, 2, 3].map((row) => metadataText(metadata, row))).toEqual(texts);
      }),
    );
  });
});
