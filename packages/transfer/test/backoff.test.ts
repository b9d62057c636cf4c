import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, VecportError } from '@vecport/abstractions';
import fc from 'fast-check';
import { type RetryNote, retrying } from '../src/backoff.js';
import { retryingSource } from '../src/retrying-source.js';
import type { TransferSource } from '../src/transfer-source.js';

const busy = new VecportError('unavailable', 'The store is busy.');

describe('retrying', () => {
  it('does work again as often as it may, and throws the last error as it is', async () => {
    for (const retries of [0, 1, 3]) {
      let calls = 0;
      const work = async (): Promise<never> => {
        calls++;
        throw busy;
      };
      await expect(retrying(work, { retries, firstDelayMs: 1 }, undefined)).rejects.toBe(busy);
      expect(calls).toBe(retries + 1);
    }
  });

  it.each(['invalid-argument', 'unauthorized', 'expired', 'storage', 'source-changed'] as const)(
    'never does work again after the permanent error %s',
    async (code) => {
      let calls = 0;
      const error = new VecportError(code, 'No.');
      const work = async (): Promise<never> => {
        calls++;
        throw error;
      };
      await expect(retrying(work, { firstDelayMs: 1 }, undefined)).rejects.toBe(error);
      expect(calls).toBe(1);
    },
  );

  it('waits as long as the provider says, which is not counted as an attempt', async () => {
    const notes: RetryNote[] = [];
    let calls = 0;
    const answer = await retrying(
      async () => {
        if (++calls <= 20) throw new VecportError('rate-limited', 'Slow down.', { retryAfterMs: 2 });
        return 'done';
      },
      { retries: 1, onRetry: (note) => notes.push(note) },
      undefined,
    );
    expect(answer).toBe('done');
    expect(notes).toEqual(Array.from({ length: 20 }, () => ({ reason: 'Slow down.', attempt: 0, delayMs: 2 })));
  });

  it('waits for a random part of a delay that doubles', async () => {
    const delays: number[] = [];
    const work = async (): Promise<never> => {
      throw busy;
    };
    const onRetry = ({ attempt, delayMs }: RetryNote): void => {
      expect(delayMs).toBeLessThanOrEqual(4 * 2 ** (attempt - 1));
      delays.push(delayMs);
    };
    await expect(retrying(work, { retries: 6, firstDelayMs: 4, onRetry }, undefined)).rejects.toBe(busy);
    expect(delays).toHaveLength(6);
  });

  it('ends a wait at once with the reason when it is aborted', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const late = new VecportError('rate-limited', 'Slow down.', { retryAfterMs: 3_600_000 });
    const work = async (): Promise<never> => {
      throw late;
    };
    const run = retrying(work, { onRetry: () => setImmediate(() => stop.abort(reason)) }, stop.signal);
    await expect(run).rejects.toBe(reason);
  });
});

describe('a source that is read on after errors', () => {
  it('gives every point once and in order, whatever pages fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(2)), async (size, page, faults) => {
        const { source, open } = flaky(size, page, faults);
        const ids: string[] = [];
        const read = retryingSource(source, { retries: 2, firstDelayMs: 0 }).read({ slice: { token: 's' } });
        for await (const batch of read) ids.push(...batch.ids);
        expect(ids).toEqual(Array.from({ length: size }, (_, row) => String(row)));
        expect(open()).toBe(0);
      }),
    );
  });

  it('counts attempts anew after every page', async () => {
    const { source } = flaky(10, 1, new Array<number>(10).fill(1));
    const notes: RetryNote[] = [];
    const policy = { retries: 1, firstDelayMs: 0, onRetry: (note: RetryNote) => notes.push(note) };
    await Array.fromAsync(retryingSource(source, policy).read({ slice: { token: 's' } }));
    expect(notes.map(({ attempt }) => attempt)).toEqual(new Array<number>(10).fill(1));
  });

  it('gives up when one page fails too often', async () => {
    const { source } = flaky(10, 5, [0, 3]);
    const read = retryingSource(source, { retries: 2, firstDelayMs: 0 }).read({ slice: { token: 's' } });
    await expect(Array.fromAsync(read)).rejects.toBe(busy);
  });

  it('closes what it reads from when the loop is left', async () => {
    const { source, open } = flaky(10, 1, []);
    for await (const _batch of retryingSource(source, {}).read({ slice: { token: 's' } })) break;
    expect(open()).toBe(0);
  });
});

/** A source of numbered points; page `n` fails `faults[n]` times before it comes. */
function flaky(size: number, page: number, faults: readonly number[]): { source: TransferSource; open(): number } {
  const left = [...faults];
  let reading = 0;
  return {
    open: () => reading,
    source: {
      read: async function* ({ after }) {
        reading++;
        try {
          for (let start = Number(after ?? 0); start < size; start += page) {
            const number = start / page;
            if ((left[number] ?? 0) > 0) {
              left[number] = (left[number] ?? 0) - 1;
              throw busy;
            }
            const end = Math.min(size, start + page);
            const ids = Array.from({ length: end - start }, (_, row) => ({ id: String(start + row) }));
            yield { ...batchFromRecords(ids), cursor: String(end), progress: { exported: end } };
          }
        } finally {
          reading--;
        }
      },
    },
  };
}
