import { describe, expect, it } from '@jest/globals';
import { isVecportError, type VectorValue, vectorAt } from '@vecport/abstractions';
import { BatchBuilder, floatToHalf, halfToFloat } from '@vecport/wire';
import fc from 'fast-check';
import { CopyRows } from '../src/copy-rows.js';
import { encodeArray } from '../src/encode-array.js';
import type { VectorLayout, VectorType } from '../src/layout.js';
import { vectorReader } from '../src/read-vector.js';
import { encodeVector, vectorProblem } from '../src/write-vector.js';
import { COPY_HEADER, COPY_TRAILER, copyRow } from './support/fake-postgres.js';

const field = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });
const rowsOf = (fields: number) =>
  fc.array(fc.array(field, { minLength: fields, maxLength: fields }), { maxLength: 8 });

/** What comes out when the bytes are pushed in pieces of these sizes. */
function decode(bytes: Buffer, fields: number, sizes: readonly number[]): (readonly (Buffer | undefined)[])[] {
  const rows = new CopyRows(fields);
  const found: (readonly (Buffer | undefined)[])[] = [];
  let at = 0;
  for (let piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % Math.max(1, sizes.length)] ?? bytes.length;
    rows.push(bytes.subarray(at, at + size));
    at += size;
    while (rows.next()) {
      found.push(
        Array.from({ length: fields }, (_, n) => {
          const [start = 0, length = 0] = [rows.starts[n], rows.lengths[n]];
          return length < 0 ? undefined : Buffer.from(rows.bytes.subarray(start, start + length));
        }),
      );
    }
  }
  rows.end();
  expect(rows.count).toBe(found.length);
  return found;
}

describe('rows of COPY', () => {
  it('come out as they went in, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }).chain((fields) => fc.tuple(fc.constant(fields), rowsOf(fields))),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        ([fields, rows], sizes) => {
          const bytes = Buffer.concat([
            COPY_HEADER,
            ...rows.map((row) => copyRow(...row.map((value) => value && Buffer.from(value)))),
            COPY_TRAILER,
          ]);
          expect(decode(bytes, fields, sizes)).toEqual(
            rows.map((row) => row.map((value) => value && Buffer.from(value))),
          );
        },
      ),
    );
  });

  it('that are damaged anywhere throw corrupt-data or come out as rows, and never hang', () => {
    const row = copyRow('123', Buffer.alloc(20), undefined);
    const whole = Buffer.concat([COPY_HEADER, row, row, row, COPY_TRAILER]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(whole.length),
        fc.integer({ min: 1, max: 100 }),
        (changes, length, size) => {
          const bytes = Buffer.from(whole.subarray(0, length));
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          try {
            expect(decode(bytes, 3, [size]).length).toBeLessThanOrEqual(whole.length);
          } catch (error) {
            if (!isVecportError(error)) throw error;
            expect(error.code).toBe('corrupt-data');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of many megabytes are put together once', () => {
    const large = Buffer.alloc(8 * 2 ** 20, 7);
    const bytes = Buffer.concat([COPY_HEADER, copyRow(large, 'x'), COPY_TRAILER]);
    const [row] = decode(bytes, 2, [65_536]);
    expect(row?.[0]?.equals(large)).toBe(true);
  });

  it('may have an extended header', () => {
    const header = Buffer.concat([COPY_HEADER.subarray(0, 15), Buffer.from([0, 0, 0, 3, 1, 2, 3])]);
    expect(decode(Buffer.concat([header, copyRow('a'), COPY_TRAILER]), 1, [4])).toEqual([[Buffer.from('a')]]);
  });
});

const WIDTH = 5;
const layouts: Readonly<Record<VectorType | 'multi', VectorLayout>> = {
  vector: layout('vector', 'dense'),
  halfvec: layout('halfvec', 'dense'),
  bit: layout('bit', 'dense'),
  sparsevec: layout('sparsevec', 'sparse'),
  multi: layout('vector', 'multi'),
};

function layout(type: VectorType, kind: 'dense' | 'sparse' | 'multi'): VectorLayout {
  return { name: 'v', column: 'v', type, width: WIDTH, spec: { kind, dimension: WIDTH, elementType: 'float32' } };
}

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const half = fc
  .nat(0xffff)
  .map(halfToFloat)
  .filter((value) => Number.isFinite(value));
const dense = (value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: WIDTH, maxLength: WIDTH }).map((list) => Float32Array.from(list));
const sparse = fc
  .uniqueArray(
    fc.tuple(
      fc.nat(WIDTH - 1),
      finite.filter((value) => value !== 0),
    ),
    { selector: ([index]) => index },
  )
  .map((entries) => entries.toSorted(([a], [b]) => a - b))
  .map((entries) => ({
    indices: Uint32Array.from(entries, ([index]) => index),
    values: Float32Array.from(entries, ([, value]) => value),
  }));

function readBack(vector: VectorLayout, bytes: Buffer): VectorValue | undefined {
  const builder = new BatchBuilder({ v: vector.spec }, 1);
  builder.row('a');
  // Not aligned, as in a row.
  vectorReader(vector)(Buffer.concat([Buffer.from([9]), bytes, Buffer.from([9])]), 1, bytes.length, builder);
  const column = builder.build().vectors['v'];
  return column && vectorAt(column, 0);
}

describe('vectors in the binary format', () => {
  it.each<readonly [string, VectorLayout, fc.Arbitrary<VectorValue>]>([
    ['float32', layouts.vector, dense(finite)],
    ['float16', layouts.halfvec, dense(half)],
    ['bits', layouts.bit, dense(fc.constantFrom(0, 1))],
    ['sparse', layouts.sparsevec, sparse],
  ])('of %s come back bit for bit', (_, vector, values) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(vectorProblem(vector, value)).toBeUndefined();
        expect(readBack(vector, encodeVector(vector, value))).toEqual(value);
      }),
    );
  });

  it('in a list come back in order', () => {
    fc.assert(
      fc.property(fc.array(dense(finite), { maxLength: 4 }), (list) => {
        const elements = list.map((value) => encodeVector(layouts.vector, value));
        const bytes = list.length === 0 ? Buffer.alloc(12) : encodeArray(16_386, elements);
        expect(readBack(layouts.multi, bytes)).toEqual(list);
      }),
    );
  });

  it('of any bytes throw corrupt-data or are vectors of the right dimension', () => {
    const kinds = Object.values(layouts);
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.uint8Array({ maxLength: 60 }),
        fc.boolean(),
        (vector, bytes, plausible) => {
          const input = Buffer.from(bytes);
          if (plausible && input.length >= 4) input.writeInt32BE(WIDTH, 0);
          try {
            const value = readBack(vector, input);
            if (value instanceof Float32Array) expect(value).toHaveLength(WIDTH);
          } catch (error) {
            if (!isVecportError(error)) throw error;
            expect(error.code).toBe('corrupt-data');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each<readonly [string, VectorLayout, VectorValue]>([
    ['NaN', layouts.vector, Float32Array.of(1, Number.NaN, 0, 0, 0)],
    [
      'an infinity in a list',
      layouts.multi,
      [new Float32Array(5), Float32Array.of(0, 0, 0, 0, Number.NEGATIVE_INFINITY)],
    ],
    ['a float between two halves', layouts.halfvec, Float32Array.of(0.1, 0, 0, 0, 0)],
    ['a float beyond halves', layouts.halfvec, Float32Array.of(65_520, 0, 0, 0, 0)],
    ['a bit that is none', layouts.bit, Float32Array.of(0, 1, 2, 0, 0)],
    ['a negative zero among bits', layouts.bit, Float32Array.of(0, 1, -0, 0, 0)],
    ['an index beyond the width', layouts.sparsevec, { indices: Uint32Array.of(5), values: Float32Array.of(1) }],
    ['an entry of zero', layouts.sparsevec, { indices: Uint32Array.of(1), values: Float32Array.of(-0) }],
    [
      'an infinite entry',
      layouts.sparsevec,
      { indices: Uint32Array.of(1), values: Float32Array.of(Number.POSITIVE_INFINITY) },
    ],
    [
      'too many entries',
      { ...layouts.sparsevec, width: 1e9 },
      { indices: Uint32Array.from({ length: 16_001 }, (_, i) => i), values: new Float32Array(16_001).fill(1) },
    ],
  ])('with %s have a problem', (_, vector, value) => {
    expect(vectorProblem(vector, value)).toMatch(/^The vector 'v' /);
  });

  it('all halves are halves', () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(floatToHalf(halfToFloat(bits))).toBe(bits);
  });
});
