import { describe, expect, it } from '@jest/globals';
import { isIdOfKind, parseJson } from '@vecport/abstractions';
import { joinMetadata, jsonObject, RESERVED_FIELD, splitMetadata, uuidOfId } from '@vecport/wire';
import fc from 'fast-check';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

describe('metadata in two parts', () => {
  it('comes together again, whatever the provider holds', () => {
    const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', RESERVED_FIELD, '__proto__', ''));
    const value = fc.oneof(
      fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
      fc.jsonValue(),
      fc.constant(undefined),
    );
    fc.assert(
      fc.property(value, fc.option(fc.string(), { nil: undefined }), fc.func(fc.boolean()), (metadata, id, choose) => {
        const text = metadata === undefined ? undefined : JSON.stringify(metadata);
        const holds = (name: string): boolean => choose(name);
        const { native, reserved } = splitMetadata(text === undefined ? undefined : encode(text), { id, holds });
        expect(native.some((member) => member.key === RESERVED_FIELD)).toBe(false);
        const joined = joinMetadata(encode(jsonObject(native)), reserved);
        expect(joined.id).toBe(id);
        const back = decode(joined.text);
        expect(back === undefined ? undefined : parseJson(back)).toEqual(
          text === undefined ? undefined : parseJson(text),
        );
      }),
    );
  });

  it('keeps the spelling of what it sets aside', () => {
    const { reserved } = splitMetadata(encode('{"n":1.0, "big":18446744073709551615}'), { holds: () => false });
    expect(reserved).toBe('{"fields":{"n":1.0,"big":18446744073709551615}}');
  });

  it('is nothing when nothing is left over', () => {
    expect(splitMetadata(encode('{"a":1}'), { holds: () => true }).reserved).toBeUndefined();
    expect(splitMetadata(undefined, { holds: () => true, keepsMissing: true }).reserved).toBeUndefined();
    expect(splitMetadata(undefined, { holds: () => true }).reserved).toBe('{"none":true}');
  });

  it('refuses a reserved field that somebody else wrote', () => {
    for (const text of ['', '1', '[]', '{"id":1}', '{"other":1}', '{"none":false}', '{"id":"x"', 'x'])
      expect(() => joinMetadata(encode('{}'), text)).toThrow(/answer/);
  });
});

describe('a mapped identifier', () => {
  it('is the same uuid for ever', () => {
    expect(uuidOfId('')).toMatchInlineSnapshot(`"a94cecf7-5ae6-5234-bd60-eb3b4b6c6bfa"`);
    expect(uuidOfId('product-42')).toMatchInlineSnapshot(`"70dddf0f-2d48-5ff8-ac2d-f2b3b5cf6f1e"`);
  });

  it('is a uuid of version 5, different for different texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        expect(isIdOfKind(uuidOfId(left), 'uuid')).toBe(true);
        expect(uuidOfId(left)[14]).toBe('5');
        expect(uuidOfId(left) === uuidOfId(right)).toBe(left === right);
      }),
    );
  });
});
