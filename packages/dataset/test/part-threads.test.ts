import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { batchFromRecords, metadataFromTexts, type VectorBatch } from '@vecport/abstractions';
import {
  createPartThreads,
  encodingOf,
  openPart,
  type PartEncoding,
  type PartEntry,
  type PartTarget,
  type PartThread,
  type PartThreads,
} from '@vecport/dataset';
import fc from 'fast-check';
import { serveParts } from '../src/serve-parts.js';
import { anyRecords, points, sampleBatch } from './support/batches.js';
import { memoryStorage } from './support/memory-storage.js';
import { partTarget } from './support/write-sample.js';

const PATH = 'collections/things/_/part-000-00000.parquet';
const ENCODINGS = [
  encodingOf(),
  encodingOf(undefined, { vectors: 'plain', compression: 'snappy' }),
  encodingOf(undefined, { compression: 'none', rowGroupRows: 100 }),
  encodingOf(undefined, { compression: 'gzip' }),
  encodingOf('ndjson-gz'),
  encodingOf('ndjson-zst', { compression: 'none' }),
];

const opened: PartThreads[] = [];

/** Threads whose other side is in this one, behind the same messages. `end` tells that one has ended. */
function threads(count = 1): { readonly threads: PartThreads; end(cause: Error): void; readonly begun: () => number } {
  const ends: ((cause: unknown) => void)[] = [];
  const begin = (): PartThread => {
    const { port1, port2 } = new MessageChannel();
    serveParts(port2);
    return {
      post: (request, transferred = []) => port1.postMessage(request, transferred),
      onAnswer: (listener) => void port1.on('message', listener),
      onEnd: (listener) => void ends.push(listener),
      close: async () => port1.close(),
    };
  };
  const made = createPartThreads(count, begin);
  opened.push(made);
  return {
    threads: made,
    end: (cause) => {
      for (const listener of ends) listener(cause);
    },
    begun: () => ends.length,
  };
}

/** Columns of this batch are overwritten after each write, as a sender may do. */
async function written(
  batches: readonly VectorBatch[],
  more: Partial<PartTarget>,
): Promise<{ readonly entry: PartEntry; readonly file: Buffer | undefined; readonly refused: readonly string[] }> {
  const storage = memoryStorage();
  const refused: string[] = [];
  const part = await openPart(storage, partTarget(more));
  for (const batch of batches) {
    const copy = structuredClone(batch);
    await part.write(copy, (id, { code, reason }) => refused.push(`${id}: ${code}: ${reason}`));
    for (const column of Object.values(copy.vectors)) column.values.fill(-1);
    copy.metadata.bytes.fill(0xff);
  }
  await part.settle();
  const entry = await part.commit();
  return { entry, file: storage.files.get(entry.path), refused };
}

/** Many rows, so that a file has several pages and row groups. */
function manyRows(rows: number): readonly VectorBatch[] {
  return Array.from({ length: 4 }, (_, part) =>
    batchFromRecords(
      Array.from({ length: rows / 4 }, (_, row) => ({
        id: `${part}-${row}`,
        embedding: Float32Array.from({ length: 3 }, (_, at) => Math.sin(part * rows + row + at)),
        metadata: { row, part, text: 'x'.repeat(row % 90) },
      })),
    ),
  );
}

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

describe('parts that are encoded in another thread', () => {
  it.each(ENCODINGS.map((encoding): [string, PartEncoding] => [JSON.stringify(encoding), encoding]))(
    'have the same bytes, sums and range of ids: %s',
    async (_, encoding) => {
      const batches = [sampleBatch(), ...manyRows(4000)];
      const expected = await written(batches, { encoding });
      const found = await written(batches, { encoding, threads: threads().threads });
      expect(found.entry).toEqual(expected.entry);
      expect(found.file?.equals(expected.file ?? Buffer.alloc(0))).toBe(true);
    },
  );

  it('have the same bytes for any records, however they are cut', async () => {
    const { threads: one } = threads();
    await fc.assert(
      fc.asyncProperty(anyRecords({ unique: false }), fc.integer({ min: 1, max: 20 }), async (records, size) => {
        const multi = { kind: 'multi', dimension: 2 } as const;
        const vectors = {
          default: { kind: 'dense', dimension: 3 },
          sparse: { kind: 'sparse' },
          'multi é': multi,
        } as const;
        const schema = { vectors, createdAt: true, updatedAt: true };
        const batches = Array.from({ length: Math.ceil(records.length / size) }, (_, n) =>
          batchFromRecords(records.slice(n * size, (n + 1) * size)),
        );
        const expected = await written(batches, { schema });
        const found = await written(batches, { schema, threads: one });
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('are written side by side, more of them than there are threads', async () => {
    const { threads: two, begun } = threads(2);
    const inputs = Array.from({ length: 5 }, (_, n) => manyRows(400 * (n + 1)));
    const found = await Promise.all(inputs.map(async (batches) => written(batches, { threads: two })));
    const expected = await Promise.all(inputs.map(async (batches) => written(batches, {})));
    expect(found.map(({ entry }) => entry.sha256)).toEqual(expected.map(({ entry }) => entry.sha256));
    expect(begun()).toBe(2);
  });

  it('leave out what no part can carry, and tell all of it before `settle` resolves', async () => {
    const batch = { ...points('a', 'b', 'c'), metadata: metadataFromTexts(['{}', '{no json', undefined]) };
    const expected = await written([batch, points('d')], {});
    const found = await written([batch, points('d')], { threads: threads().threads });
    expect(found.refused).toHaveLength(1);
    expect(found).toEqual(expected);
  });

  it('tell an error of a batch by a later call, and leave nothing behind', async () => {
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget({ threads: threads().threads }));
    await part.write(batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2) }]));
    await expect(part.commit()).rejects.toMatchObject({ code: 'dimension-mismatch' });
    await expect(part.write(points('b'))).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(storage.files.size).toBe(0);
    expect(storage.open.size).toBe(0);
  });

  it('are refused before a file is begun when their schema cannot be written', async () => {
    const storage = memoryStorage();
    const schema = { vectors: { '\ud800': { kind: 'sparse' } }, createdAt: false, updatedAt: false } as const;
    const { threads: one } = threads();
    await expect(openPart(storage, partTarget({ schema, threads: one }))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect(storage.open.size).toBe(0);
  });

  it('fail when the file cannot be written, and the next part does not', async () => {
    const { threads: one } = threads();
    const storage = memoryStorage();
    storage.fail(`${PATH}#write`, 'forbidden');
    const part = await openPart(storage, partTarget({ threads: one }));
    const attempt = async (): Promise<void> => {
      for (const batch of manyRows(400)) await part.write(batch);
      await part.commit();
    };
    await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
    expect(storage.open.size).toBe(0);
    const { entry } = await written(manyRows(400), { threads: one });
    expect(entry.rows).toBe(400);
  });

  it('can be given up in the middle', async () => {
    const { threads: one } = threads();
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget({ threads: one }));
    for (const batch of manyRows(400)) await part.write(batch);
    await part.abort();
    expect(storage.files.size).toBe(0);
    expect(storage.open.size).toBe(0);
    expect((await written([points('a')], { threads: one })).entry.rows).toBe(1);
  });

  it('fail when their thread ends, and new ones as well', async () => {
    const { threads: one, end } = threads();
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget({ threads: one }));
    await part.write(points('a'));
    end(new Error('out of memory'));
    await expect(part.commit()).rejects.toMatchObject({ code: 'incomplete', cause: expect.any(Error) });
    expect(storage.open.size).toBe(0);
    await expect(written([points('a')], { threads: one })).rejects.toMatchObject({ code: 'incomplete' });
  });
});
