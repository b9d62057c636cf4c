import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readThrift } from '../../src/parquet/thrift-reader.js';
import { ThriftWriter } from '../../src/parquet/thrift-writer.js';

const value = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('thrift', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(
        value,
        fc.maxSafeInteger().map((n) => Math.trunc(n / 4) + 0),
        fc.uint8Array(),
        fc.array(value, { maxLength: 40 }),
        fc.boolean(),
        (small, large, bytes, list, flag) => {
          const thrift = new ThriftWriter();
          thrift
            .i32(1, small)
            .i64(2, large)
            .struct(3)
            .binary(4, bytes)
            .bool(5, flag)
            .i8(6, -3)
            .end()
            .i32List(9, list)
            .textList(10, ['é', '']);
          const written = thrift.structList(15, [1, 2], (n) => thrift.i32(7, n)).take();
          const { value: read, length } = readThrift(written, 'the test');
          expect(length).toBe(written.length);
          const inner = new Map<number, unknown>([
            [4, bytes],
            [5, flag],
            [6, -3],
          ]);
          const texts = [new TextEncoder().encode('é'), new Uint8Array(0)];
          expect(plain(read)).toEqual(
            plain(
              new Map<number, unknown>([
                [1, small],
                [2, large],
                [3, inner],
                [9, list],
                [10, texts],
                [15, [new Map([[7, 1]]), new Map([[7, 2]])]],
              ]),
            ),
          );
        },
      ),
    );
  });

  it('refuses any bytes that are no struct, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(readThrift(bytes, 'the test').length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'corrupt-data' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a list longer than the bytes', [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a text longer than the bytes', [0x18, 0xff, 0xff, 0xff, 0x7f]],
    ['a number that never ends', [0x16, ...new Uint8Array(100).fill(0xff)]],
    ['structs in structs without end', [...new Uint8Array(100_000).fill(0x1c)]],
    ['lists in lists without end', [...new Uint8Array(100_000).fill(0x19)]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readThrift(Uint8Array.from(bytes), 'the test')).toThrow(
      expect.objectContaining({ code: 'corrupt-data' }),
    );
  });
});

function plain(entry: unknown): unknown {
  if (entry instanceof Map)
    return [...(entry as ReadonlyMap<number, unknown>)].map(([key, item]) => [key, plain(item)]);
  if (entry instanceof Uint8Array) return Buffer.from(entry).toString('hex');
  return Array.isArray(entry) ? entry.map((item) => plain(item)) : entry;
}
