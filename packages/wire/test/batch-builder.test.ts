import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, metadataText, VecportError, type VectorRecord, vectorAt } from '@vecport/abstractions';
import { BatchBuilder, retryRead } from '@vecport/wire';
import fc from 'fast-check';

const floats = (length: number): fc.Arbitrary<Float32Array> =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true });

describe('a batch builder', () => {
  it('builds the columns that records give', () => {
    const record = fc.record({
      dense: fc.option(floats(3), { nil: undefined }),
      multi: fc.option(fc.array(floats(2), { minLength: 1, maxLength: 4 }), { nil: undefined }),
      sparse: fc.option(fc.uniqueArray(fc.nat(2 ** 32 - 1), { maxLength: 30 }), { nil: undefined }),
      metadata: fc.option(fc.json(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), (rows, capacity) => {
        const builder = new BatchBuilder(
          {
            dense: { kind: 'dense', dimension: 3 },
            multi: { kind: 'multi', dimension: 2 },
            sparse: { kind: 'sparse' },
          },
          capacity,
        );
        const records = rows.map(({ dense, multi, sparse, metadata }, i): VectorRecord => {
          const indices = Uint32Array.from(sparse ?? []);
          const values = Float32Array.from(indices, (index) => index / 3);
          expect(builder.row(`r${i}`)).toBe(i);
          if (dense) {
            const { values: into, offset } = builder.dense('dense');
            into.set(dense, offset);
          }
          if (multi) {
            const { values: into, offset } = builder.multi('multi', multi.length);
            multi.forEach((part, k) => {
              into.set(part, offset + k * 2);
            });
          }
          if (sparse) builder.sparse('sparse', indices, values);
          if (metadata !== undefined) builder.metadata(metadata);
          const sorted = indices.slice().sort();
          return {
            id: `r${i}`,
            vectors: {
              ...(dense && { dense }),
              ...(multi && { multi }),
              ...(sparse && { sparse: { indices: sorted, values: Float32Array.from(sorted, (index) => index / 3) } }),
            },
            metadataText: metadata,
          };
        });
        const expected = batchFromRecords(records);
        const built = builder.build();
        expect(built.ids).toEqual(expected.ids);
        rows.forEach((_, i) => {
          expect(metadataText(built.metadata, i)).toBe(metadataText(expected.metadata, i));
          for (const name of ['dense', 'multi', 'sparse']) {
            const column = expected.vectors[name];
            const found = built.vectors[name];
            if (found === undefined) throw new Error('no column');
            expect(vectorAt(found, i)).toEqual(column === undefined ? undefined : vectorAt(column, i));
          }
        });
      }),
    );
  });

  it('refuses vectors that the collection does not have, and sparse ones with an index twice', () => {
    const builder = new BatchBuilder({ a: { kind: 'dense', dimension: 2 }, s: { kind: 'sparse' } });
    builder.row('1');
    expect(() => builder.dense('b')).toThrow(/description/);
    expect(() => builder.multi('a', 1)).toThrow(/multi vector 'a'/);
    expect(() => builder.sparse('s', Uint32Array.of(2, 1, 2), new Float32Array(3))).toThrow(/index 2 twice/);
    expect(() => builder.sparse('s', Uint32Array.of(2, 1), new Float32Array(3))).toThrow(/2 indices and 3 values/);
  });

  it('keeps times where they are known', () => {
    const builder = new BatchBuilder({}, 1);
    builder.row('1');
    builder.row('2');
    builder.times(5, undefined);
    builder.row('3');
    const { createdAt, updatedAt } = builder.build();
    expect([[...(createdAt ?? [])], [...(updatedAt ?? [])]]).toEqual([
      [Number.NaN, 5, Number.NaN],
      [Number.NaN, Number.NaN, Number.NaN],
    ]);
  });
});

describe('a read that is tried again', () => {
  const failing = (times: number, error: unknown) => {
    const calls: number[] = [];
    return {
      calls,
      work: async (): Promise<string> => {
        calls.push(performance.now());
        if (calls.length <= times) throw error;
        return 'done';
      },
    };
  };
  const busy = new VecportError('unavailable', 'Busy.');

  it('succeeds when the error goes away', async () => {
    const { work, calls } = failing(3, busy);
    expect(await retryRead(work, { firstDelayMs: 1 })).toBe('done');
    expect(calls).toHaveLength(4);
  });

  it('gives up after its attempts, with the last error', async () => {
    const { work, calls } = failing(9, busy);
    await expect(retryRead(work, { firstDelayMs: 1, attempts: 3 })).rejects.toBe(busy);
    expect(calls).toHaveLength(3);
  });

  it('does not count the waits a server asks for', async () => {
    const { work, calls } = failing(8, new VecportError('rate-limited', 'Slow.', { retryAfterMs: 1 }));
    expect(await retryRead(work, { attempts: 2 })).toBe('done');
    expect(calls).toHaveLength(9);
  });

  it('never repeats what is permanent, and stops at its signal', async () => {
    const wrong = new VecportError('invalid-argument', 'No.');
    const { work, calls } = failing(9, wrong);
    await expect(retryRead(work)).rejects.toBe(wrong);
    expect(calls).toHaveLength(1);
    const reason = new Error('stop');
    const signal = AbortSignal.abort(reason);
    await expect(retryRead(failing(9, busy).work, { signal })).rejects.toBe(reason);
  });
});
