import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonBytes } from '../src/json-bytes.js';
import { doubleText } from '../src/payload-values.js';
import { isPointId, isUuidAt } from '../src/point-id.js';

function printed(print: (out: JsonBytes) => void): string {
  const out = new JsonBytes();
  print(out);
  return Buffer.from(out.view()).toString();
}

function printedText(bytes: Uint8Array, start = 0): string {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return printed((out) => out.string(bytes, words, start, bytes.length));
}

describe('JSON text from values of a payload', () => {
  it('has doubles as they are printed everywhere else', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.nat(12))
      .map(([digits, places]) => digits / 10 ** places);
    const double = fc.double({ noDefaultInfinity: true, noNaN: true });
    const single = fc.float({ noDefaultInfinity: true, noNaN: true });
    fc.assert(
      fc.property(fc.oneof(decimal, double, single), (value) => {
        expect(printed((out) => out.double(value))).toBe(doubleText(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([0, -0, 1, -1, 0.1, 0.00001, 0.0001, 0.000099, 1e-7, 2 ** 31, 2 ** 31 - 0.5, 1e15, 1e16, 0.1 + 0.2, 5e-324])(
    'has the double %d',
    (value) => {
      expect(printed((out) => out.double(value))).toBe(doubleText(value));
    },
  );

  it.each([0, 9, 10, 99, 100, 2 ** 28 - 1, Number.MAX_SAFE_INTEGER])('has the integer %d', (value) => {
    expect(printed((out) => out.integer(value))).toBe(String(value));
  });

  it('has text as JSON.stringify prints it, wherever it stands', () => {
    const unit = fc.oneof(
      fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', ' ', '!', '#', '[', ']', '\u007f', 'ü', '😀'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), fc.nat(3), (units, start) => {
        const text = units.join('');
        const bytes = Buffer.from(' '.repeat(start) + text);
        expect(printedText(bytes, start)).toBe(JSON.stringify(text));
      }),
      { numRuns: 500 },
    );
  });

  it.each([[0xff, 0xff, 0xff, 0xff], [0x61, 0x62, 0x63, 0xc3], [0xc3], [0x61, 0x61, 0x61, 0x61, 0x80]])(
    'refuses bytes that are no UTF-8',
    (...bytes) => {
      expect(() => printedText(Uint8Array.from(bytes))).toThrow(/not UTF-8/);
    },
  );
});

describe('the bytes of an identifier', () => {
  it('are told to be a uuid as its text is', () => {
    const uuid = '0123abcd-4567-89ef-0000-fedcba987654';
    expect(isUuidAt(Buffer.from(`  ${uuid}`), 2)).toBe(true);
    for (let at = 0; at < uuid.length; at++) {
      for (let byte = 0; byte < 0x80; byte++) {
        const text = uuid.slice(0, at) + String.fromCharCode(byte) + uuid.slice(at + 1);
        expect([text, isUuidAt(Buffer.from(text), 0)]).toEqual([text, isPointId(text)]);
      }
    }
    expect(isUuidAt(Buffer.from(uuid).subarray(0, 35), 0)).toBe(false);
  });
});
