import { describe, expect, it } from '@jest/globals';
import { jsonMembers, ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';
import { isNativePayload, writeNativePayload } from '../src/native-payload.js';
import { keyBytes, PayloadPrinter } from '../src/payload-printer.js';
import { storedAs } from '../src/payload-values.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const printer = new PayloadPrinter();

/** What Qdrant would give back: the entries printed again, keys sorted. */
function printed(json: Uint8Array): string {
  const writer = new ProtoWriter();
  writeNativePayload(writer, 2, json);
  const reader = new ProtoReader(writer.finish());
  printer.read(reader.bytes);
  printer.begin();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    expect(field).toBe(2);
    const length = reader.skipData();
    printer.entry(reader.position - length, reader.position);
  }
  expect(printer.print(keyBytes('_vecport'))).toBeUndefined();
  return new TextDecoder().decode(printer.json());
}

/** Keys sorted by their bytes, in all objects. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).toSorted((a, b) => Buffer.compare(bytes(a), bytes(b)));
  return new Map(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}

function text(value: unknown): string {
  if (value instanceof Map)
    return `{${Array.from(value, ([key, one]) => `${JSON.stringify(key)}:${text(one)}`).join()}}`;
  return Array.isArray(value) ? `[${value.map(text).join()}]` : JSON.stringify(value);
}

describe('a payload that Qdrant gives back as it is', () => {
  it.each([
    '{"a":1}',
    '{"a":-7,"b":0,"c":999999999999999}',
    '{"price":12.5,"small":0.00001234,"minus":-0.5}',
    '{"ä":"ü","t":true,"f":false,"n":null,"l":[1,"x",[],{}],"o":{"a":{"b":[0.1]}}}',
  ])('%s', (json) => {
    expect(isNativePayload(bytes(json))).toBe(true);
    expect(printed(bytes(json))).toBe(text(sorted(JSON.parse(json))));
  });

  it.each([
    '{}',
    '[1]',
    '1',
    '',
    '{',
    '{"a"}',
    '{"a":1',
    '{"a":1}x',
    '{"a":1,}',
    '{ "a":1}',
    '{"a": 1}',
    '{"a":1.0}',
    '{"a":1e2}',
    '{"a":-0}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":1.2.3}',
    '{"a":0.000001}',
    '{"a":1234567890123456}',
    '{"a":0.1234567890123456}',
    '{"a":"\\n"}',
    '{"a\\n":1}',
    '{"a":1,"a":2}',
    '{"o":{"a":1,"a":2}}',
    '{"_vecport":"{}"}',
    '{"a":tru}',
    '{"a":[1}',
    `{"a":${'['.repeat(20)}${']'.repeat(20)}}`,
  ])('is not taken for one: %s', (json) => {
    expect(isNativePayload(bytes(json))).toBe(false);
  });

  it('is never one of which a value would not come back', () => {
    const key = fc.string({ maxLength: 3 });
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (object) => {
        const json = bytes(JSON.stringify(object));
        if (!isNativePayload(json)) return;
        expect(jsonMembers(json).map((member) => storedAs(member.value))).not.toContain('lossy');
        expect(jsonMembers(json).map((member) => storedAs(member.value))).not.toContain('equal');
        expect(printed(json)).toBe(text(sorted(object)));
      }),
    );
  });

  it('holds numbers to their last bit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.nat(9), (digits, places) => {
        const value = digits / 10 ** places;
        const json = bytes(`{"n":${value}}`);
        if (isNativePayload(json)) expect(printed(json)).toBe(`{"n":${value}}`);
      }),
    );
  });
});
