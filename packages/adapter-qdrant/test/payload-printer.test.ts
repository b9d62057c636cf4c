import { describe, expect, it } from '@jest/globals';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';
import { keyBytes, PayloadPrinter } from '../src/payload-printer.js';

type Entries = readonly (readonly [string, Value])[];
interface Struct {
  readonly members: Entries;
}
interface List {
  readonly elements: readonly Value[];
}
type Value = string | number | boolean | List | Struct;

const EXCEPT = keyBytes('_vecport');

function writeValue(writer: ProtoWriter, value: Value): void {
  if (typeof value === 'string') writer.text(4, value);
  else if (typeof value === 'boolean') writer.bool(5, value);
  else if (typeof value === 'number') writer.int64(3, BigInt(value));
  else if ('members' in value) writer.message(6, (struct) => writeEntries(struct, 1, value.members));
  else writer.message(7, (list) => writeElements(list, value.elements));
}

function writeElements(writer: ProtoWriter, elements: readonly Value[]): void {
  for (const element of elements) writer.message(1, (inner) => writeValue(inner, element));
}

function writeEntries(writer: ProtoWriter, field: number, entries: Entries): void {
  for (const [key, value] of entries)
    writer.message(field, (entry) => entry.text(1, key).message(2, (inner) => writeValue(inner, value)));
}

function printed(printer: PayloadPrinter, message: Uint8Array): string {
  const reader = new ProtoReader(message);
  printer.read(message);
  printer.begin();
  while (reader.next() !== 0) {
    const length = reader.skipData();
    printer.entry(reader.position - length, reader.position);
  }
  expect(printer.print(EXCEPT)).toBeUndefined();
  return new TextDecoder().decode(printer.json());
}

function messageOf(entries: Entries): Uint8Array {
  const writer = new ProtoWriter();
  writeEntries(writer, 2, entries);
  return writer.finish();
}

/** Slow and obvious: sorted by the bytes of keys, the last of the same key. */
function expected(entries: Entries): string {
  const last = Array.from(new Map(entries)).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${last.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join()}}`;
}

function textOf(value: Value): string {
  if (typeof value !== 'object') return JSON.stringify(value);
  return 'members' in value ? expected(value.members) : `[${value.elements.map(textOf).join()}]`;
}

const keys = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'ab',
    'abc',
    'abcd',
    'abce',
    'abcde',
    'abcdefgh',
    'abcdefgi',
    'abcdXfgh',
    '',
    'ä',
    '"',
    '_vecpor',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const { value: values } = fc.letrec<{ readonly value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }).map((elements) => ({ elements })),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map((members) => ({ members })),
  ),
}));

describe('a payload as JSON text', () => {
  it('is sorted by keys, whatever keys were seen before', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(keys, values), { maxLength: 8 }), { maxLength: 12 }), (payloads) => {
        const printer = new PayloadPrinter();
        for (const entries of payloads) expect(printed(printer, messageOf(entries))).toBe(expected(entries));
      }),
      { numRuns: 300 },
    );
  });

  it('has more different keys than are remembered', () => {
    const printer = new PayloadPrinter();
    for (let n = 0; n < 600; n += 3) {
      const entries: Entries = [`key ${n}`, `${n}`, 'same', `key ${n + 1}`, `${n + 2}`].map((key) => [key, n]);
      expect(printed(printer, messageOf(entries))).toBe(expected(entries));
      const before: Entries = [`key ${n >> 1}`, 'same', `${n}`, 'same'].map((key, at) => [key, at]);
      expect(printed(printer, messageOf(before))).toBe(expected(before));
    }
  });

  it('has room for text that becomes much longer', () => {
    const entries: Entries = [
      ['\u0001'.repeat(3000), '\u0002'.repeat(9000)],
      ...Array.from({ length: 500 }, (_, n): [string, Value] => [`${n}`, { members: [['', { elements: [] }]] }]),
    ];
    expect(printed(new PayloadPrinter(), messageOf(entries))).toBe(expected(entries));
    const empty = new ProtoWriter().data(2, new Uint8Array(0)).finish();
    expect(printed(new PayloadPrinter(), empty)).toBe('{"":null}');
  });
});
