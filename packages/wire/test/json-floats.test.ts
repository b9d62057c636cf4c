import { describe, expect, it } from '@jest/globals';
import { isVecportError } from '@vecport/abstractions';
import { type FloatSink, floatText, JsonReader } from '@vecport/wire';
import fc from 'fast-check';
import { casesOf, floatOfBits, hardFloats, randomBits, randomFloats } from './support/hard-floats.js';

const LONG = 300_000;
const GROUP = 1000;
const encoder = new TextEncoder();

/** The floats of JSON text that is a list of numbers. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const into: FloatSink = { values: new Float32Array(0), length: 0 };
  const reader = new JsonReader(bytes);
  reader.floats(into);
  reader.finish();
  return into.values.slice(0, into.length);
}

const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer);

/** Texts that are read otherwise than by parsing and rounding, of as many as are said. */
function differences(texts: Iterable<string>): string[] {
  const found: string[] = [];
  const check = (group: readonly string[]): void => {
    const text = `[${group.join(',')}]`;
    const expected = bitsOf(Float32Array.from(JSON.parse(text) as number[]));
    const read = bitsOf(floatsOf(encoder.encode(text)));
    if (Buffer.compare(Buffer.from(read.buffer), Buffer.from(expected.buffer)) === 0) return;
    group.forEach((one, at) => {
      if (read[at] !== expected[at]) found.push(one);
    });
    if (read.length !== expected.length) found.push(`${read.length} of ${expected.length}`);
  };
  let group: string[] = [];
  for (const text of texts) {
    group.push(text);
    if (group.length === GROUP) {
      check(group);
      group = [];
    }
  }
  check(group);
  return found;
}

/** A float in the ways servers print one: by the float, by its double, with fixed digits, with exponents. */
function* printed(floats: Iterable<number>): Generator<string> {
  const ways: readonly ((value: number) => string)[] = [
    (value) => floatText(value),
    (value) => `-${value}`,
    (value) => value.toExponential().replace('e', 'E'),
    (value) => value.toPrecision(9),
    (value) => value.toFixed(20).slice(0, 60),
    (value) => String(value * (1 + Number.EPSILON)),
    (value) => value.toExponential(25).replace('e+', 'E'),
    (value) => (value < 1e9 ? String(Math.floor(value * 1e6) / 1e6) : String(value)),
  ];
  let at = 0;
  for (const value of floats) yield (ways[at++ % ways.length] ?? String)(value);
}

/** Numbers of all lengths in and around the places where two floats are equally near. */
function* hardTexts(count: number): Generator<string> {
  const next = randomBits(3);
  for (let at = 0; at < count; at++) {
    const low = floatOfBits(next() % 0x7f7f_ffff);
    const high = floatOfBits((new Uint32Array(Float32Array.of(low).buffer)[0] ?? 0) + 1);
    const middle = (low + high) / 2;
    const near = at % 3 === 0 ? middle : at % 3 === 1 ? middle * (1 + Number.EPSILON) : middle * (1 - Number.EPSILON);
    const digits = next() % 22;
    if (digits > 0) yield near.toPrecision(digits);
    else if (near < 1e20) yield `${near.toFixed(40)}${'0'.repeat(next() % 9)}${next() % 2}`;
    else yield near < 1e21 ? `${near.toFixed(0)}.${next()}` : `${BigInt(near)}.${next()}`;
    const length = 1 + (next() % 30);
    const text = Array.from({ length }, () => next() % 10).join('');
    const exponent = `${['e', 'E', 'e+', 'e-', 'E-'][next() % 5] ?? 'e'}${next() % 50}`;
    yield `${next() % 10}.${text}${next() % 3 === 0 ? exponent : ''}`;
  }
}

describe('the numbers of a vector', () => {
  it(
    'are what parsing and rounding gives, for random floats',
    () => {
      expect(differences(printed(randomFloats(casesOf(50_000, 1_000_000))))).toEqual([]);
    },
    LONG,
  );

  it(
    'are so for floats that are hard to read',
    () => {
      expect(differences(printed(hardFloats(casesOf(20_000, 200_000))))).toEqual([]);
      expect(differences(hardTexts(casesOf(20_000, 200_000)))).toEqual([]);
    },
    LONG,
  );

  it('end where they end, whatever follows in memory', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 5 }), (list) => {
        const text = JSON.stringify(list.map((value) => value || 0));
        const bytes = encoder.encode(`${text}1234567890]`);
        const into: FloatSink = { values: new Float32Array(8), length: 0 };
        new JsonReader(bytes, 0, text.length).floats(into);
        expect(into.length).toBe(list.length);
        for (let end = 0; end < text.length; end++) {
          const cut = new JsonReader(bytes, 0, end);
          expect(() => cut.floats({ values: new Float32Array(8), length: 0 })).toThrow(
            expect.objectContaining({ code: 'corrupt-data' }),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it(
    'are an error or what JSON.parse gives, never a crash or a hang, wherever bytes are changed',
    () => {
      const text = '[0.08530835062265396, -1.5E-7,12,1e+3 ,-0,0.00000000000000000000000000012345678901234567, 7]';
      const damage = fc.array(
        fc.tuple(
          fc.nat(text.length - 1),
          fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789.eE+-,[] '))),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      );
      fc.assert(
        fc.property(damage, fc.integer({ min: 1, max: text.length }), (changes, length) => {
          const bytes = encoder.encode(text);
          for (const [at, byte] of changes) bytes[at] = byte;
          const damaged = bytes.slice(0, length);
          const parsed = parsedNumbers(damaged);
          let read: Float32Array | undefined;
          try {
            read = floatsOf(damaged);
          } catch (error) {
            expect(isVecportError(error) && error.code).toBe('corrupt-data');
          }
          expect(read && bitsOf(read)).toEqual(parsed && bitsOf(parsed));
        }),
        { numRuns: casesOf(5000, 500_000) },
      );
    },
    LONG,
  );
});

/** The same by JSON.parse; `undefined` for what is not a list of numbers. */
function parsedNumbers(bytes: Uint8Array): Float32Array | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('latin1'));
    const isList = Array.isArray(value) && value.every((element) => typeof element === 'number');
    return isList ? Float32Array.from(value) : undefined;
  } catch {
    return undefined;
  }
}
