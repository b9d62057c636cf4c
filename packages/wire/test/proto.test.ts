import { describe, expect, it } from '@jest/globals';
import { isVecportError } from '@vecport/abstractions';
import { ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';

const U64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const I64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** The obvious decoder of a varint. */
function slowVarint(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte, i) => sum + (BigInt(byte & 0x7f) << BigInt(7 * i)), 0n);
}

function single(write: (writer: ProtoWriter) => void): ProtoReader {
  const writer = new ProtoWriter(16);
  write(writer);
  const reader = new ProtoReader(writer.finish());
  expect(reader.next()).toBe(7);
  return reader;
}

describe('protobuf values', () => {
  it('unsigned integers of 64 bits are exact', () => {
    fc.assert(
      fc.property(U64, (value) => {
        expect(single((w) => w.uint64(7, value)).uint64()).toBe(value);
        const bytes = new ProtoWriter().uint64(7, value).finish().subarray(1);
        expect(slowVarint(bytes)).toBe(value);
      }),
      { numRuns: 2000 },
    );
    for (const bits of [0n, 1n, 7n, 8n, 28n, 31n, 32n, 35n, 53n, 63n])
      for (const near of [-1n, 0n, 1n]) {
        const value = BigInt.asUintN(64, (1n << bits) + near);
        expect(single((w) => w.uint64(7, value)).uint64()).toBe(value);
      }
  });

  it('signed integers of 64 bits are exact, in both codings', () => {
    fc.assert(
      fc.property(I64, (value) => {
        expect(single((w) => w.int64(7, value)).int64()).toBe(value);
        const zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
        expect(single((w) => w.uint64(7, zigzag)).sint64()).toBe(value);
      }),
      { numRuns: 2000 },
    );
    expect(single((w) => w.int64(7, -5n)).int32()).toBe(-5);
  });

  it('numbers are those written, and those beyond 2^53 are refused instead of rounded', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(single((w) => w.varint(7, value)).varint()).toBe(value);
      }),
      { numRuns: 2000 },
    );
    expect(() => single((w) => w.uint64(7, 2n ** 53n)).varint()).toThrow(/smaller/);
    expect(() => single((w) => w.uint64(7, 2n ** 32n)).uint32()).toThrow(/32 bits/);
  });

  it('is the same in memory that has to grow anywhere in it', () => {
    const write = (writer: ProtoWriter): Uint8Array =>
      writer
        .text(1, 'short')
        .double(2, 0.1)
        .float(3, 0.5)
        .fixed64(4, 7n)
        .varint(5, 300)
        .text(6, 'é'.repeat(30))
        .finish();
    const roomy = write(new ProtoWriter(1000));
    for (let room = 0; room < roomy.length; room++) expect(write(new ProtoWriter(new Uint8Array(room)))).toEqual(roomy);
  });

  it('floats, doubles, text, bytes and truth values come back', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true }),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.boolean(),
        U64,
        (float, double, text, truth, fixed) => {
          expect(single((w) => w.float(7, float)).float()).toBe(Math.fround(float));
          expect(single((w) => w.double(7, double)).double()).toBe(double);
          expect(single((w) => w.text(7, text)).text()).toBe(text);
          expect(single((w) => w.bool(7, truth)).bool()).toBe(truth);
          expect(single((w) => w.fixed64(7, fixed)).fixed64()).toBe(fixed);
          const data = new TextEncoder().encode(text);
          expect(single((w) => w.data(7, data)).data()).toEqual(data);
        },
      ),
    );
  });

  it('packed floats keep their bits, at any alignment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(7), (bytes, shift) => {
        const values = new Float32Array(bytes.slice(0, bytes.length - (bytes.length % 4)).buffer);
        const message = new ProtoWriter().floats(7, values).finish();
        const moved = new Uint8Array(message.length + shift);
        moved.set(message, shift);
        const reader = new ProtoReader(moved, shift);
        reader.next();
        expect(reader.packedLength()).toBe(values.byteLength);
        const into = new Float32Array(values.length + 2);
        expect(reader.floats(into, 1)).toBe(values.length);
        expect(new Uint8Array(into.buffer, 4, values.byteLength)).toEqual(new Uint8Array(values.buffer));
      }),
    );
  });

  it('messages nest, of any length', () => {
    for (const size of [0, 1, 126, 127, 128, 129, 16_382, 16_384, 70_000]) {
      const bytes = new Uint8Array(size).fill(5);
      const message = new ProtoWriter(16)
        .varint(1, 3)
        .message(2, (w) => w.message(3, (inner) => inner.data(4, bytes)).varint(5, 9))
        .varint(6, 4)
        .finish();
      const reader = new ProtoReader(message);
      expect([reader.next(), reader.varint(), reader.next()]).toEqual([1, 3, 2]);
      const outer = reader.enter();
      expect(reader.next()).toBe(3);
      const middle = reader.enter();
      expect([reader.next(), reader.data().length, reader.next()]).toEqual([4, size, 0]);
      reader.leave(middle);
      expect([reader.next(), reader.varint(), reader.next()]).toEqual([5, 9, 0]);
      reader.leave(outer);
      expect([reader.next(), reader.varint(), reader.next()]).toEqual([6, 4, 0]);
    }
  });
});

describe('a damaged message', () => {
  const message = new ProtoWriter()
    .varint(1, 300)
    .message(2, (w) => w.text(1, 'text').floats(2, Float32Array.of(1, 2, 3)))
    .double(3, 0.5)
    .uint64(4, 2n ** 64n - 1n)
    .finish();

  /** Read everything there is, as a decoder would. */
  function readAll(bytes: Uint8Array): number {
    const reader = new ProtoReader(bytes);
    let fields = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      fields++;
      if (field === 2 && reader.wireType === 2) {
        const outer = reader.enter();
        for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
          if (inner === 1) reader.text();
          else if (inner === 2) reader.floats(new Float32Array(3), 0);
          else reader.skip();
        }
        reader.leave(outer);
      } else reader.skip();
    }
    return fields;
  }

  it('is an error or another message, never a crash or a hang, wherever it is cut or changed', () => {
    expect(readAll(message)).toBe(4);
    for (let length = 0; length < message.length; length++) expectReadOrCorrupt(message.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length), (at, byte, length) => {
        const damaged = message.slice();
        damaged[at] = byte;
        expectReadOrCorrupt(damaged.subarray(0, length));
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => expectReadOrCorrupt(bytes)),
      { numRuns: 5000 },
    );
  });

  it('does not read beyond an inner message', () => {
    const inner = Uint8Array.of((2 << 3) | 2, 2, (1 << 3) | 2, 5, 1, 2, 3, 4, 5);
    expect(() => readAll(inner)).toThrow(/middle of a value/);
  });

  it('does not take more floats than there is room for', () => {
    const reader = new ProtoReader(new ProtoWriter().floats(7, new Float32Array(4)).finish());
    reader.next();
    expect(() => reader.floats(new Float32Array(3), 0)).toThrow(/4 floats where 3 belong/);
  });

  function expectReadOrCorrupt(bytes: Uint8Array): void {
    try {
      readAll(bytes);
    } catch (error) {
      expect(isVecportError(error) && error.code).toBe('corrupt-data');
    }
  }
});
