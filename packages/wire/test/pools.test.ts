import { describe, expect, it } from '@jest/globals';
import { builderPool, bytePool, ProtoReader, ProtoWriter } from '@vecport/wire';
import fc from 'fast-check';

describe('builderPool', () => {
  const specs = {
    a: { kind: 'dense', dimension: 2 },
    s: { kind: 'sparse' },
    m: { kind: 'multi', dimension: 1 },
  } as const;

  it('gives a builder again that was given back, with nothing left of its rows', () => {
    const pool = builderPool(specs, 4);
    const first = pool.take();
    first.row('1');
    first.dense('a').values.set([1, 2]);
    first.sparse('s', Uint32Array.of(7), Float32Array.of(1));
    first.multi('m', 1).values.set([5]);
    first.metadata('{"a":1}');
    first.times(1, 2);
    first.build();
    pool.give(first);
    const second = pool.take();
    expect(second).toBe(first);
    second.row('2');
    const batch = second.build();
    expect(batch.ids).toEqual(['2']);
    expect(batch.createdAt).toBeUndefined();
    expect(Array.from(batch.metadata.missing ?? [])).toEqual([1]);
    for (const column of Object.values(batch.vectors)) expect(Array.from(column.missing ?? [])).toEqual([1]);
    expect(batch.metadata.bytes).toHaveLength(0);
  });

  it('leaves the ids of a batch alone that was built before', () => {
    const pool = builderPool(specs);
    const builder = pool.take();
    builder.row('1');
    const { ids } = builder.build();
    pool.give(builder);
    pool.take().row('2');
    expect(ids).toEqual(['1']);
  });
});

describe('BatchBuilder.denseBytes', () => {
  it('copies the bits of floats from any place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.nat(7), (bits, before) => {
        const builder = builderPool({ a: { kind: 'dense', dimension: 2 } }, 1).take();
        const bytes = new Uint8Array([...new Uint8Array(before), ...bits]);
        builder.row('0');
        builder.denseBytes('a', bytes, before, 8);
        builder.row('1');
        builder.denseBytes('a', bytes, before, 8);
        const { a } = builder.build().vectors;
        const values = a?.values ?? new Float32Array();
        expect(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).toEqual(
          new Uint8Array([...bits, ...bits]),
        );
      }),
    );
  });

  it('refuses bytes of another length', () => {
    const builder = builderPool({ a: { kind: 'dense', dimension: 2 } }).take();
    builder.row('0');
    expect(() => builder.denseBytes('a', new Uint8Array(12), 0, 12)).toThrow(/12 bytes/);
  });
});

describe('bytePool', () => {
  it('gives memory again that is large enough', () => {
    const pool = bytePool();
    const first = pool.take(100);
    expect(first.length).toBeGreaterThanOrEqual(100);
    pool.give(first.subarray(0, 100));
    expect(pool.take(90).buffer).toBe(first.buffer);
    expect(pool.take(90).buffer).not.toBe(first.buffer);
  });

  it('takes nothing that it did not give, nor anything twice', () => {
    const pool = bytePool();
    const other = new Uint8Array(1000);
    pool.give(other);
    expect(pool.take(10).buffer).not.toBe(other.buffer);
    const own = pool.take(10);
    pool.give(own);
    pool.give(own);
    expect(pool.take(10).buffer).toBe(own.buffer);
    expect(pool.take(10).buffer).not.toBe(own.buffer);
  });

  it('never gives less than was asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 30 }), (lengths) => {
        const pool = bytePool();
        for (const length of lengths) {
          const bytes = pool.take(length);
          expect(bytes.length).toBeGreaterThanOrEqual(length);
          pool.give(bytes.subarray(0, length));
        }
      }),
    );
  });
});

describe('ProtoReader and ProtoWriter', () => {
  it('read short integers and truth values as the exact readers do', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.integer().map(BigInt)), (value) => {
        const message = new ProtoWriter().int64(1, value).finish();
        const [short, truth] = [new ProtoReader(message), new ProtoReader(message)];
        short.next();
        truth.next();
        const small = short.smallVarint();
        expect(small).toBe(value >= 0n && value < 2n ** 28n ? Number(value) : -1);
        expect(small < 0 ? short.int64() : BigInt(small)).toBe(value);
        expect(truth.bool()).toBe(value !== 0n);
        expect([short.next(), truth.next()]).toEqual([0, 0]);
      }),
    );
  });

  it('refuse a number that is cut', () => {
    const reader = new ProtoReader(Uint8Array.of(0x08, 0x80));
    reader.next();
    expect(reader.smallVarint()).toBe(-1);
    expect(() => reader.int64()).toThrow(/middle of a value/);
  });

  it('write the same message whatever its length was expected to be', () => {
    fc.assert(
      fc.property(fc.nat(40_000), fc.nat(40_000), (length, expected) => {
        const write = (writer: ProtoWriter): ProtoWriter => writer.data(1, new Uint8Array(length).fill(7));
        const plain = new ProtoWriter().message(3, write).bool(4, true).finish();
        expect(Buffer.compare(new ProtoWriter().message(3, write, expected).bool(4, true).end(), plain)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
