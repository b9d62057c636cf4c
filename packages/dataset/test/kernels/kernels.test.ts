import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kernels } from '../../src/kernels/kernels.js';
import { joinBytes, splitBytes } from '../../src/parquet/byte-stream-split.js';
import { isCanonicalJson } from '../../src/scan-json.js';

const writer = fileURLToPath(new URL('../../assembly/write-kernels.js', import.meta.url));
const words = fc.uint32Array({ maxLength: 200 });
const found = kernels();
if (found === undefined) throw new Error('There is no WebAssembly.');

describe('kernels', () => {
  it('are what their source compiles to', async () => {
    await expect(promisify(execFile)(process.execPath, [writer, '--check'])).resolves.toMatchObject({ stdout: '' });
  });

  it('split bytes as JavaScript does', () => {
    fc.assert(
      fc.property(words, (values) => {
        const floats = new Float32Array(values.buffer);
        const expected = new Uint8Array(floats.byteLength);
        splitBytes(floats, expected);
        expect(found.splitBytes(floats)).toEqual(expected);
      }),
    );
  });

  it('join bytes as JavaScript does, from any position', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 800 }), fc.nat(3), (bytes, shift) => {
        const count = (bytes.length - shift) >> 2;
        const expected = new Uint32Array(count);
        const joined = new Uint32Array(count);
        joinBytes(bytes.subarray(shift), new Float32Array(expected.buffer));
        expect(found.joinBytes(bytes.subarray(shift), new Float32Array(joined.buffer))).toBe(true);
        expect(joined).toEqual(expected);
      }),
    );
  });

  it('grow their memory as it is needed, and refuse what would take too much', () => {
    const many = Float32Array.from({ length: 1 << 18 }, (_, n) => n * 0.37);
    const expected = new Uint8Array(many.byteLength);
    splitBytes(many, expected);
    expect(Buffer.compare(found.splitBytes(many) ?? Buffer.alloc(0), expected)).toBe(0);
    expect(found.splitBytes(new Float32Array(1 << 22))).toBeUndefined();
    expect(found.joinBytes(new Uint8Array(1 << 24), new Float32Array(1 << 22))).toBe(false);
    expect(found.joinBytes(new Uint8Array(7), new Float32Array(2))).toBe(false);
    expect(found.markCanonical(new Uint8Array(1 << 24), Uint32Array.of(0, 1), 1)).toEqual(Uint8Array.of(0));
    expect(found.markCanonical(new Uint8Array(1 << 24), Uint32Array.of(0, 1 << 24), 1)).toBeUndefined();
  });

  it('know canonical texts as JavaScript does, whatever stands beside them', () => {
    fc.assert(
      fc.property(fc.array(texts(), { maxLength: 12 }), fc.nat(3), (rows, before) => {
        const { bytes, offsets } = columnOf(['x'.repeat(before), ...rows]);
        const flags = found.markCanonical(bytes, offsets.subarray(1), rows.length);
        expect([...(flags ?? [])]).toEqual(rows.map((text) => (isCanonicalJson(Buffer.from(text)) ? 1 : 0)));
      }),
      { numRuns: 2000 },
    );
  });

  it('nest as deep as JavaScript does', () => {
    const rows = [512, 513, 100_000].flatMap((depth) => [
      `${'['.repeat(depth)}${']'.repeat(depth)}`,
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    ]);
    const { bytes, offsets } = columnOf(rows);
    expect([...(found.markCanonical(bytes, offsets, rows.length) ?? [])]).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('take offsets that fall or leave the bytes for those of no text', () => {
    const bytes = Buffer.from('[][][]');
    expect([...(found.markCanonical(bytes, Uint32Array.of(2, 4, 0, 4, 6), 4) ?? [])]).toEqual([1, 0, 0, 1]);
    expect([...(found.markCanonical(bytes, Uint32Array.of(0, 2, 0xffffffff, 4, 4), 4) ?? [])]).toEqual([1, 0, 0, 0]);
    expect([...(found.markCanonical(bytes, Uint32Array.of(0, 2, 2, 9), 3) ?? [])]).toEqual([1, 0, 0]);
  });
});

/** Canonical texts, others that mean the same, and pieces of both with a byte that is another one. */
function texts(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '1',
    '0',
    '-',
    '.',
    'e',
    'true',
    'null',
    'u001f',
    'é',
    ' ',
    '\n',
  );
  const canonical = fc.jsonValue().map((value) => JSON.stringify(sorted(value)));
  const odd = fc
    .tuple(canonical, fc.nat(), fc.nat(2), piece)
    .map(
      ([text, at, dropped, put]) =>
        text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + dropped),
    );
  return fc.oneof(
    canonical,
    fc.json(),
    odd,
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
  );
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

function columnOf(rows: readonly string[]): { readonly bytes: Uint8Array; readonly offsets: Uint32Array } {
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((text, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + Buffer.byteLength(text);
  });
  return { bytes: Buffer.from(rows.join('')), offsets };
}
