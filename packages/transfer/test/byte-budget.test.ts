import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batchGate } from '../src/batch-gate.js';
import { createByteBudget } from '../src/byte-budget.js';
import { readAhead } from '../src/read-ahead.js';
import type { SourceBatch } from '../src/transfer-source.js';

describe('a budget of bytes', () => {
  it('gives room in order, and never more than it has but to one that is alone', async () => {
    const budget = createByteBudget(100);
    const first = await budget.reserve(250, undefined);
    const order: string[] = [];
    const noted = <T>(name: string, room: T): T => {
      order.push(name);
      return room;
    };
    const second = budget.reserve(60, undefined).then((room) => noted('second', room));
    const third = budget.reserve(40, undefined).then((room) => noted('third', room));
    const fourth = budget.reserve(1, undefined).then((room) => noted('fourth', room));
    expect(budget.taken).toBe(250);
    first.release();
    first.release();
    await Promise.all([second, third]);
    expect([budget.taken, order]).toEqual([100, ['second', 'third']]);
    (await second).resize(59);
    await fourth;
    expect(budget.taken).toBe(100);
  });

  it('lets those behind go on when one that waits is aborted', async () => {
    const budget = createByteBudget(10);
    const held = await budget.reserve(8, undefined);
    const stop = new AbortController();
    const large = budget.reserve(9, stop.signal);
    const small = budget.reserve(2, undefined);
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(large).rejects.toBe(reason);
    await small;
    expect(budget.taken).toBe(10);
    held.release();
    await expect(budget.reserve(1, stop.signal)).rejects.toBe(reason);
  });

  it('lets all slices through whatever they read, holds the bound, and is empty afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2000 }),
        fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
        fc.scheduler(),
        async (maxBytes, slices, scheduler) => {
          const budget = createByteBudget(maxBytes);
          const largest = Math.max(0, ...slices.flat()) * 4;
          const seen: number[][] = slices.map(() => []);
          let worst = 0;
          const work = slices.map(async (sizes, slice) => {
            const gate = batchGate({ budget }, { rows: 1, bytes: 4 });
            for await (const batch of readAhead(batches(sizes, scheduler), gate)) {
              worst = Math.max(worst, budget.taken);
              await scheduler.schedule(Promise.resolve(), 'write');
              seen[slice]?.push(batch.ids.length);
            }
          });
          await scheduler.waitFor(Promise.all(work));
          expect(seen).toEqual(slices);
          expect(budget.taken).toBe(0);
          // A page may be larger than the one before, by which room for it was asked for.
          expect(worst).toBeLessThanOrEqual(Math.max(maxBytes, largest) + slices.length * largest);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('holds the bound to the byte when pages are alike', async () => {
    const budget = createByteBudget(300);
    let worst = 0;
    const read = async (): Promise<void> => {
      const pages = batches(new Array<number>(20).fill(25));
      for await (const _batch of readAhead(pages, batchGate({ budget }, { rows: 25, bytes: 100 }))) {
        worst = Math.max(worst, budget.taken);
      }
    };
    await Promise.all([read(), read(), read(), read(), read()]);
    expect(worst).toBe(300);
  });

  it.each([
    ['the loop is left', 'break'],
    ['the loop throws', 'throw'],
    ['the source throws', 'source'],
  ])('has its room back when %s', async (_case, how) => {
    const budget = createByteBudget(1000);
    const sizes = how === 'source' ? [3, 3, -1] : [3, 3, 3];
    const run = (async () => {
      for await (const _batch of readAhead(batches(sizes), batchGate({ budget }, { rows: 3, bytes: 12 }))) {
        if (how === 'break') break;
        if (how === 'throw') throw new Error('written badly');
      }
    })();
    await (how === 'break' ? run : expect(run).rejects.toThrow(how === 'throw' ? 'written badly' : 'no such page'));
    expect(budget.taken).toBe(0);
  });

  it('does not keep a slice that waits for room when the run is aborted', async () => {
    const budget = createByteBudget(10);
    const held = await budget.reserve(10, undefined);
    const stop = new AbortController();
    const source = batches([1, 1]);
    const waiting = readAhead(source, batchGate({ budget }, { rows: 1, bytes: 4 }), stop.signal).next();
    const reason = new Error('stopped');
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    held.release();
    expect(budget.taken).toBe(0);
  });
});

/** Batches of so many ids, each of 4 bytes in all; a negative size is a page that cannot be read. */
async function* batches(sizes: readonly number[], scheduler?: fc.Scheduler): AsyncGenerator<SourceBatch> {
  for (const size of sizes) {
    await scheduler?.schedule(Promise.resolve(), 'read');
    if (size < 0) throw new Error('no such page');
    const ids = Array.from({ length: size }, (_, row) => String(row).padStart(4, '0'));
    const metadata = { bytes: new Uint8Array(0), offsets: new Uint32Array(size + 1) };
    yield { ids, vectors: {}, metadata, cursor: String(size), progress: { exported: size } };
  }
}
