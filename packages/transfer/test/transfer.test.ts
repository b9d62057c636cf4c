import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, type ExportBatch, sliceBatch, type VectorBatch } from '@vecport/abstractions';
import fc from 'fast-check';
import type { Checkpoint, SliceState } from '../src/checkpoint.js';
import { transfer } from '../src/transfer.js';
import type { TransferSink } from '../src/transfer-sink.js';
import type { TransferSource } from '../src/transfer-source.js';

type Part = readonly string[];

describe('transfer', () => {
  it('cuts every slice into parts of a fixed number of rows, whatever the batches and the workers', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 9 }),
        batchSizes,
        fc.integer({ min: 1, max: 5 }),
        async (slices, partRows, batches, parallel) => {
          const { sink } = memorySink();
          const parts = await transfer({ ...job(slices, partRows), source: source(slices, batches), sink, parallel });
          expect(parts).toEqual(slices.map((size, slice) => expectedParts(slice, size, partRows)));
        },
      ),
    );
  });

  it('gives the same parts however often it is interrupted, with other batches and workers each time', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.record({ batches: batchSizes, failAfter: fc.nat(20) }), { maxLength: 6 }),
        async (slices, partRows, runs) => {
          const checkpoint = memoryCheckpoint<Part>();
          for (const { batches, failAfter } of runs) {
            const { sink } = memorySink();
            const run = transfer({
              ...job(slices, partRows),
              checkpoint,
              sink,
              source: failing(source(slices, batches), failAfter),
            });
            await run.catch((error: unknown) => expect(error).toBe(broken));
          }
          const { sink, opened } = memorySink();
          const done = checkpoint.committed();
          const parts = await transfer({ ...job(slices, partRows), checkpoint, sink, source: source(slices, [3]) });
          expect(parts).toEqual(slices.map((size, slice) => expectedParts(slice, size, partRows)));
          expect(opened.some((place) => done.has(place))).toBe(false);
        },
      ),
    );
  });

  it.each([
    [true, ['2 of 2', '4 of 4', '6 of 6']],
    [undefined, []],
  ])(
    'says that a batch is done with when it is written, to a sink that keeps nothing: %s',
    async (keepsNothing, said) => {
      let written = 0;
      const released: string[] = [];
      const { read } = source([6], [2]);
      const own: TransferSource = {
        read: async function* (options) {
          for await (const batch of read(options)) {
            yield { ...batch, release: () => void released.push(`${batch.cursor} of ${written}`) };
          }
        },
      };
      const counting = memorySink().sink;
      const counted: TransferSink<Part> = {
        keepsNothing,
        open: async (place, options) => {
          const part = await counting.open(place, options);
          return {
            ...part,
            write: async (batch) => {
              await part.write(batch);
              written += batch.ids.length;
            },
          };
        },
      };
      await transfer({ ...job([6], 4), source: own, sink: counted });
      expect(released).toEqual(said);
    },
  );

  it('gives the first rows of the slices in their order when there is a limit, however often it is interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(120),
        fc.array(fc.record({ batches: batchSizes, failAfter: fc.nat(20) }), { maxLength: 4 }),
        async (slices, partRows, limit, runs) => {
          const checkpoint = memoryCheckpoint<Part>();
          for (const { batches, failAfter } of runs) {
            const failed = failing(source(slices, batches), failAfter);
            const run = transfer({
              ...job(slices, partRows),
              limit,
              checkpoint,
              sink: memorySink().sink,
              source: failed,
            });
            await run.catch((error: unknown) => expect(error).toBe(broken));
          }
          const watched = watch(source(slices, [4]));
          const { sink } = memorySink();
          const parts = await transfer({
            ...job(slices, partRows),
            limit,
            checkpoint,
            sink,
            source: watched,
            parallel: 3,
          });
          let left = limit;
          const limited = slices.map((size, slice) => {
            const rows = Math.min(left, size);
            left -= rows;
            return expectedParts(slice, rows, partRows);
          });
          expect(parts).toEqual(limited);
          expect(watched.open()).toBe(0);
        },
      ),
    );
  });

  it('counts what was read and what was not there once, however often it is interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(40),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.record({ batches: batchSizes, failAfter: fc.nat(20) }), { maxLength: 5 }),
        async (size, partRows, runs) => {
          const checkpoint = memoryCheckpoint<Part>();
          for (const { batches, failAfter } of [...runs, { batches: [5], failAfter: Number.POSITIVE_INFINITY }]) {
            const kept = failing(everyThird(source([size], batches)), failAfter);
            const run = transfer({ ...job([size], partRows), checkpoint, sink: memorySink().sink, source: kept });
            await run.catch((error: unknown) => expect(error).toBe(broken));
          }
          const rows = Math.ceil(size / 3);
          expect((await checkpoint.load(0))?.tally).toMatchObject({ rows, read: size, missing: size - rows });
        },
      ),
    );
  });

  it('shows every row of a run to onBatch once', async () => {
    const seen: string[] = [];
    await transfer({
      ...job([7, 5], 3),
      source: source([7, 5], [2]),
      sink: memorySink().sink,
      onBatch: ({ ids }) => seen.push(...ids),
    });
    expect(seen.sort()).toEqual([...idsOf(0, 7), ...idsOf(1, 5)].sort());
  });

  it('aborts the open part, closes the source and passes the reason on when it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const { sink, aborted } = memorySink(() => abort.abort(reason));
    const watched = watch(source([100], [10]));
    const run = transfer({ ...job([100], 1000), source: watched, sink, signal: abort.signal });
    await expect(run).rejects.toBe(reason);
    expect(aborted).toEqual(['0/0']);
    expect(watched.open()).toBe(0);
  });

  it('reports what failed first when aborting the part fails as well', async () => {
    const sink: TransferSink<Part> = {
      open: async () => ({
        write: async () => {
          throw broken;
        },
        commit: async () => [],
        abort: async () => {
          throw new Error('the abort broke, too');
        },
      }),
    };
    await expect(transfer({ ...job([5], 5), source: source([5], [5]), sink })).rejects.toBe(broken);
  });

  it('stops all slices at the first failure and gives that failure', async () => {
    const watched = watch(failing(source([50, 50, 50, 50], [1]), 5));
    const { sink, opened, aborted } = memorySink();
    const run = transfer({ ...job([50, 50, 50, 50], 1000), source: watched, sink, parallel: 2 });
    await expect(run).rejects.toBe(broken);
    expect(watched.open()).toBe(0);
    expect(aborted.sort()).toEqual(opened.sort());
    expect(opened.length).toBeLessThanOrEqual(2);
  });

  it('refuses to go on when the source no longer has the last point of the checkpoint', async () => {
    const checkpoint = memoryCheckpoint<Part>();
    await checkpoint.save(0, { parts: [['x']], position: { skip: 3, lastId: 'gone' }, done: false });
    const run = transfer({ ...job([10], 3), checkpoint, source: source([10], [4]), sink: memorySink().sink });
    await expect(run).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('refuses to go on when the source has become shorter than the checkpoint', async () => {
    const checkpoint = memoryCheckpoint<Part>();
    await checkpoint.save(0, { parts: [['x']], position: { skip: 30, lastId: '0-29' }, done: false });
    const run = transfer({ ...job([10], 3), checkpoint, source: source([10], [4]), sink: memorySink().sink });
    await expect(run).rejects.toMatchObject({ code: 'source-changed' });
  });
});

const broken = new Error('the source broke');
const sizes = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 });
const batchSizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });

function job(slices: readonly number[], partRows: number) {
  return {
    slices: slices.map((points, slice) => ({ token: String(slice), points })),
    partRows,
    parallel: 1,
    checkpoint: memoryCheckpoint<Part>(),
  };
}

function idsOf(slice: number, size: number): string[] {
  return Array.from({ length: size }, (_, row) => `${slice}-${row}`);
}

function expectedParts(slice: number, size: number, partRows: number): Part[] {
  const ids = idsOf(slice, size);
  return Array.from({ length: Math.ceil(size / partRows) }, (_, i) => ids.slice(i * partRows, (i + 1) * partRows));
}

/** Rows of slices of the given sizes, in batches whose sizes go round `batches`. A cursor is a number of rows. */
function source(slices: readonly number[], batches: readonly number[]): TransferSource {
  return {
    read: async function* ({ slice, after, signal }) {
      const number = Number(slice.token);
      const size = slices[number] ?? 0;
      const all = batchFromRecords(idsOf(number, size).map((id) => ({ id, embedding: Float32Array.of(1) })));
      let at = Number(after ?? 0);
      for (let turn = 0; at < size; turn++) {
        signal?.throwIfAborted();
        const end = Math.min(size, at + (batches[turn % batches.length] ?? 1));
        yield withCursor(sliceBatch(all, at, end), end);
        at = end;
      }
    },
  };
}

function withCursor(batch: VectorBatch, end: number): ExportBatch {
  return { ...batch, cursor: String(end), progress: { exported: end } };
}

/** Only every third point of a source; the others are told as missing. Batches may be left without any. */
function everyThird(inner: TransferSource): TransferSource {
  return {
    read: async function* (options) {
      for await (const batch of inner.read(options)) {
        const isKept = (id: string): boolean => Number(id.split('-')[1]) % 3 === 0;
        const kept = batchFromRecords(batch.ids.filter(isKept).map((id) => ({ id, embedding: Float32Array.of(1) })));
        const missing = batch.ids.filter((id) => !isKept(id));
        yield { ...batch, ...kept, read: batch.ids.length, missing };
      }
    },
  };
}

/** The same source, which breaks when `batches` batches were read from it in all. */
function failing(inner: TransferSource, batches: number): TransferSource {
  let left = batches;
  return {
    read: async function* (options) {
      for await (const batch of inner.read(options)) {
        if (left-- <= 0) throw broken;
        yield batch;
      }
    },
  };
}

/** The same source, which knows how many reads are open. */
function watch(inner: TransferSource): TransferSource & { open(): number } {
  let open = 0;
  return {
    open: () => open,
    read: async function* (options) {
      open++;
      try {
        yield* inner.read(options);
      } finally {
        open--;
      }
    },
  };
}

function memorySink(onWrite: () => void = () => {}): { sink: TransferSink<Part>; opened: string[]; aborted: string[] } {
  const opened: string[] = [];
  const aborted: string[] = [];
  const sink: TransferSink<Part> = {
    open: async ({ slice, index }) => {
      const place = `${slice}/${index}`;
      const ids: string[] = [];
      opened.push(place);
      return {
        write: async (batch) => {
          ids.push(...batch.ids);
          onWrite();
        },
        commit: async () => ids,
        abort: async () => {
          aborted.push(place);
        },
      };
    },
  };
  return { sink, opened, aborted };
}

function memoryCheckpoint<Receipt>(): Checkpoint<Receipt> & { committed(): ReadonlySet<string> } {
  const states = new Map<number, SliceState<Receipt>>();
  return {
    load: async (slice) => states.get(slice),
    save: async (slice, state) => {
      states.set(slice, structuredClone(state));
    },
    committed: () => new Set([...states].flatMap(([slice, { parts }]) => parts.map((_, index) => `${slice}/${index}`))),
  };
}
