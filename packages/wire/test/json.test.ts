import { describe, expect, it } from '@jest/globals';
import { isVecportError, parseJson } from '@vecport/abstractions';
import { type FloatSink, JsonReader, jsonMembers, jsonObject } from '@vecport/wire';
import fc from 'fast-check';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sink = (): FloatSink => ({ values: new Float32Array(0), length: 0 });

function floatsOf(text: string): Float32Array {
  const into = sink();
  const reader = new JsonReader(encode(text));
  reader.floats(into);
  reader.finish();
  return into.values.slice(0, into.length);
}

const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

describe('numbers of a vector', () => {
  it('are bit-equal to parsing and rounding, however a double is printed', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toPrecision(9)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential(20)),
      fc.tuple(fc.integer(), fc.nat(999_999)).map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`),
      fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
      fc.nat({ max: 400 }).map((exponent) => `1e-${exponent}`),
      fc.float({ min: -1, max: 1, noNaN: true }).map((value) => value.toFixed(30)),
      fc.constantFrom('-0', '-0.0', '0e0', '1E+2', '3.4028235e38', '3.4028236e38', '1e39', '1.401298464324817e-45'),
    );
    fc.assert(
      fc.property(fc.array(number, { maxLength: 20 }), fc.constantFrom('', ' ', '\n\t '), (numbers, space) => {
        const text = `[${space}${numbers.join(`${space},${space}`)}${space}]`;
        const expected = Float32Array.from(JSON.parse(text) as number[]);
        expect(bitsOf(floatsOf(text))).toEqual(bitsOf(expected));
      }),
      { numRuns: 3000 },
    );
  });

  it('round halfway cases as JSON.parse followed by rounding to float32 does', () => {
    fc.assert(
      fc.property(fc.nat(0xff_fffe), fc.integer({ min: -40, max: 40 }), (mantissa, exponent) => {
        const halfway = (mantissa + 0.5) * 2 ** exponent;
        for (const value of [halfway, halfway * (1 + Number.EPSILON), halfway * (1 - Number.EPSILON)]) {
          for (const text of [String(value), value.toFixed(20), value.toPrecision(16)]) {
            expect(bitsOf(floatsOf(`[${text}]`))).toEqual(bitsOf(Float32Array.of(Number(text))));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are refused where they are not JSON', () => {
    for (const text of [
      '',
      '[',
      '[1',
      '[1,',
      '[1,]',
      '[,1]',
      '[01]',
      '[1.]',
      '[.5]',
      '[+1]',
      '[1e]',
      '[--1]',
      '[NaN]',
      '[null]',
      '["1"]',
      '[[1]]',
      '1',
      '[1 2]',
      '[00.5]',
      '[-]',
    ])
      expect(() => floatsOf(text)).toThrow(/answer/);
  });
});

describe('a JSON reader', () => {
  it('finds members and cuts values out verbatim', () => {
    const text = ' { "a" : 1.0 , "b":[1, {"c":"]}"} ],"\\u0061":"x\\"y" , "d" : { } } ';
    const members = jsonMembers(encode(text)).map(({ key, value }) => [key, decode(value)]);
    expect(members).toEqual([
      ['a', '1.0'],
      ['b', '[1, {"c":"]}"} ]'],
      ['a', '"x\\"y"'],
      ['d', '{ }'],
    ]);
  });

  it('reads what JSON.parse reads', () => {
    const read = (reader: JsonReader): unknown => {
      switch (reader.peek()) {
        case 'object': {
          const entries: [string, unknown][] = [];
          reader.enterObject();
          for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) entries.push([key, read(reader)]);
          return Object.fromEntries(entries);
        }
        case 'array': {
          const elements: unknown[] = [];
          reader.enterArray();
          while (reader.nextElement()) elements.push(read(reader));
          return elements;
        }
        case 'string':
          return reader.text();
        case 'number':
          return reader.number();
        case 'true':
        case 'false':
          return reader.boolean();
        default:
          expect(reader.isNull()).toBe(true);
          return null;
      }
    };
    fc.assert(
      fc.property(fc.json({ stringUnit: 'grapheme', maxDepth: 4 }), fc.nat(3), (text, indent) => {
        const printed = JSON.stringify(JSON.parse(text), undefined, indent);
        const reader = new JsonReader(encode(printed));
        expect(read(reader)).toEqual(JSON.parse(printed));
        reader.finish();
        const skipper = new JsonReader(encode(printed));
        expect(decode(skipper.raw())).toBe(printed.trim());
      }),
      { numRuns: 1000 },
    );
  });

  it('accepts by skipping nothing that JSON.parse refuses, and everything it takes', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '1',
        '-',
        '0',
        '.5',
        'e3',
        'true',
        'null',
        'nul',
        ' ',
        '"',
        '\\',
        '1.5',
      ),
      { maxLength: 9 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        expect(skips(text)).toBe(parses(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it('is an error or another value, never a crash or a hang, wherever it is cut or changed', () => {
    const text = encode(
      '{"result":{"points":[{"id":18446744073709551615,"vector":[0.1,-2e-3],"payload":{"k":"\\u00e9"}}],"next":null}}',
    );
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.nat(255), fc.nat(text.length), (at, byte, length) => {
        const damaged = text.slice(0, length);
        if (at < length) damaged[at] = byte;
        try {
          new JsonReader(damaged).raw();
        } catch (error) {
          expect(isVecportError(error) && error.code).toBe('corrupt-data');
        }
      }),
      { numRuns: 5000 },
    );
    expect(() => new JsonReader(encode('['.repeat(100_000))).skip()).toThrow(/nested deeper/);
    expect(() => new JsonReader(Uint8Array.of(0x22, 0xff, 0x22)).text()).toThrow(/not JSON/);
  });

  it('gives keys their own text, however alike they are and however often they come', () => {
    const key = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', '_', '"', '\\', 'é', '😀', '\n'), maxLength: 6 }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ minLength: 40, maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 20 }), (keys) => {
        const reader = new JsonReader(encode(`{${keys.map((text) => `${JSON.stringify(text)}:0`).join(',')}}`));
        const read: string[] = [];
        reader.enterObject();
        for (let next = reader.nextKey(); next !== undefined; next = reader.nextKey()) {
          read.push(next);
          reader.skip();
        }
        expect(read).toEqual(keys);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps digits as text', () => {
    expect(new JsonReader(encode('18446744073709551615')).numberText()).toBe('18446744073709551615');
  });

  it('joins what it cut', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        expect(parseJson(jsonObject(jsonMembers(encode(text))))).toEqual(parseJson(text));
      }),
    );
  });

  function skips(text: string): boolean {
    try {
      const reader = new JsonReader(encode(text));
      reader.skip();
      reader.finish();
      return true;
    } catch {
      return false;
    }
  }

  function parses(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }
});
