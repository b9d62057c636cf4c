import { describe, expect, it } from '@jest/globals';
import { omitFields, selectFields } from '@vecport/abstractions';
import fc from 'fast-check';

const keep = (text: string, ...fields: readonly string[]): string => selectFields(text, new Set(fields));

describe('selectFields', () => {
  it('keeps the spelling of what it keeps', () => {
    expect(keep('{ "a" : 1.0 , "b":[1e2, {"c":"}"}],"d":9007199254740993 }', 'a', 'b')).toBe(
      '{"a" : 1.0,"b":[1e2, {"c":"}"}]}',
    );
    expect(keep('{"a":"x\\",\\"b\\":1","b":2}', 'b')).toBe('{"b":2}');
    expect(keep('{"a":1,"a":2,"b":3}', 'a')).toBe('{"a":1,"a":2}');
  });

  it('compares names as they are meant', () => {
    expect(keep('{"\\u00e9":1,"say \\"x\\"":2,"a.b":3,"":4}', 'é', 'say "x"', '')).toBe(
      '{"\\u00e9":1,"say \\"x\\"":2,"":4}',
    );
  });

  it('gives an empty object when nothing is left, and other values unchanged', () => {
    expect(keep('{"a":1}')).toBe('{}');
    expect(keep(' { } ', 'a')).toBe('{}');
    for (const text of ['null', '[{"a":1}]', '"{}"', '12']) expect(keep(text, 'a')).toBe(text);
  });

  it('means the same as selecting from the parsed object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.nat(4),
        fc.constantFrom(undefined, 1),
        (object, nth, space) => {
          const names = Object.keys(object).filter((_, i) => i % 5 !== nth);
          const expected = Object.fromEntries(names.map((name) => [name, object[name]]));
          expect(JSON.parse(selectFields(JSON.stringify(object, null, space), new Set(names)))).toEqual(
            JSON.parse(JSON.stringify(expected)),
          );
        },
      ),
    );
  });
});

describe('omitFields', () => {
  const without = (text: string, ...fields: readonly string[]): string => omitFields(text, new Set(fields));

  it('keeps the spelling of what it keeps, and all of it when nothing is left out', () => {
    expect(without('{ "a" : 1.0 , "b":[1e2, {"a":"}"}],"\\u00e9":3 }', 'a', 'é')).toBe('{"b":[1e2, {"a":"}"}]}');
    for (const text of ['{ "a" : 1.0 , "b": 2 }', 'null', '[{"x":1}]', ' { } ']) expect(without(text, 'x')).toBe(text);
    expect(without('{"a":1,"a":2}', 'a')).toBe('{}');
  });

  it('leaves what selecting does not', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, nth) => {
        const names = Object.keys(object);
        const left = names.filter((_, i) => i % 4 === nth);
        const text = JSON.stringify(object);
        const kept = selectFields(text, new Set(names.filter((name) => !left.includes(name))));
        expect(JSON.parse(without(text, ...left))).toEqual(JSON.parse(kept));
      }),
    );
  });
});
