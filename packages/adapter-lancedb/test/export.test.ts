import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { connect, type Table } from '@lancedb/lancedb';
import { type CollectionDriver, eq, rows, type VectorRecord } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-lancedb';
import { removeTempFolders } from '@vecport/testkit';
import { describes, exported, exportedIds, newCollection, newStore, points, write } from './support/tables.js';

jest.setTimeout(60_000);

const FIELDS = [{ name: 'n', type: 'integer' }] as const;

/** A table of several fragments with holes: written in parts, rewritten in part, and deleted from. */
async function scattered(): Promise<{ readonly collection: CollectionDriver; readonly path: string }> {
  const { store, path } = await newStore();
  const collection = await newCollection(store, describes('t', 2, { fields: FIELDS }));
  for (let from = 0; from < 3000; from += 600) await write(collection, points(from, from + 600));
  await write(collection, points(500, 900));
  await collection.deleteMany(
    Array.from({ length: 250 }, (_, at) => `p${at * 11}`),
    {},
  );
  return { collection, path };
}

async function rawTable(path: string): Promise<Table> {
  return (await connect(path, { readConsistencyInterval: 0 })).openTable('t');
}

async function cleanUp(path: string): Promise<void> {
  const table = await rawTable(path);
  await table.optimize({ cleanupOlderThan: new Date(Date.now() + 60_000), deleteUnverified: true });
}

afterAll(removeTempFolders);

describe('exportAll of a table with several fragments and deletions', () => {
  it('gives every point once, in the same order at every read and for every batch size', async () => {
    const { collection } = await scattered();
    const first = await exportedIds(collection);
    expect(new Set(first).size).toBe(2750);
    expect(first).toHaveLength(2750);
    for (const batchSize of [1, 77, 1024, 5000]) {
      const batches = await exported(collection, { batchSize });
      expect(batches.flatMap(({ ids }) => ids)).toEqual(first);
      expect(batches.every(({ ids }) => ids.length > 0 && ids.length <= batchSize)).toBe(true);
    }
  });

  it('gives vectors and metadata that belong to their ids', async () => {
    const { collection } = await scattered();
    for (const batch of await exported(collection, { batchSize: 100 })) {
      for (const { id, embedding, metadataText } of rows(batch)) {
        expect([id, metadataText]).toEqual([`p${embedding?.[0]}`, `{"n":${embedding?.[0]}}`]);
      }
    }
  });

  it('leaves vectors out where none are wanted', async () => {
    const { collection } = await scattered();
    const whole = await exported(collection);
    const bare = await exported(collection, { vectors: 'none' });
    expect(bare.map(({ ids, metadata }) => [ids, metadata])).toEqual(whole.map(({ ids, metadata }) => [ids, metadata]));
    expect(bare.every(({ vectors }) => Object.keys(vectors).length === 0)).toBe(true);
    expect(collection.traits.leavesOutVectors).toBe(true);
  });

  it('is the same in slices read in parallel, in order, with and without a filter', async () => {
    const { collection } = await scattered();
    for (const filter of [undefined, { op: 'gte', field: 'n', value: 1234 } as const]) {
      const whole = await exportedIds(collection, { filter });
      const plan = await collection.slices?.(7, { filter });
      const slices = plan?.slices ?? [];
      expect(slices.map(({ points: count }) => count).reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(
        whole.length,
      );
      const parts = await Promise.all(
        slices.map(async (slice) => exportedIds(collection, { slice, filter, batchSize: 50 })),
      );
      expect(parts.flat()).toEqual(whole);
    }
  });

  it('gives back the batches to their receiver: none is written to afterwards', async () => {
    const { collection } = await scattered();
    const batches = await exported(collection, { batchSize: 64 });
    const buffers = batches.map(({ vectors }) => vectors['default']?.values.buffer);
    const seen = batches.flatMap((batch) => [...rows(batch)].map(({ embedding }) => embedding?.[0]));
    expect(new Set(seen).size).toBe(2750);
    expect(buffers.every((buffer) => buffer !== undefined && buffer.byteLength <= 1024 * 8)).toBe(true);
  });
});

describe('a cursor or slice', () => {
  it('goes on in the version it was made in, whatever was written since', async () => {
    const { collection } = await scattered();
    const batches = await exported(collection, { batchSize: 1000 });
    const plan = await collection.slices?.(2, {});
    await collection.deleteMany(
      Array.from({ length: 3000 }, (_, at) => `p${at}`),
      {},
    );
    const after = batches[0]?.cursor;
    expect(await exportedIds(collection, { after })).toEqual(batches.slice(1).flatMap(({ ids }) => ids));
    const sliced = await Promise.all((plan?.slices ?? []).map(async (slice) => exportedIds(collection, { slice })));
    expect(sliced.flat()).toEqual(batches.flatMap(({ ids }) => ids));
    expect(await exportedIds(collection)).toEqual([]);
  });

  it('goes on within its slice', async () => {
    const { collection } = await scattered();
    const plan = await collection.slices?.(3, {});
    const [, slice] = plan?.slices ?? [];
    const batches = await exported(collection, { slice, batchSize: 300 });
    const rest = await exportedIds(collection, { slice, after: batches[0]?.cursor, batchSize: 40 });
    expect(rest).toEqual(batches.slice(1).flatMap(({ ids }) => ids));
    const outside = (await exported(collection, { batchSize: 10 }))[0]?.cursor;
    await expect(exported(collection, { slice, after: outside })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('of a version that was cleaned up is source-changed, with advice', async () => {
    const { collection, path } = await scattered();
    const [first] = await exported(collection, { batchSize: 1000 });
    await write(collection, points(9000, 9001));
    await cleanUp(path);
    await expect(exported(collection, { after: first?.cursor })).rejects.toMatchObject({
      code: 'source-changed',
      advice: expect.stringContaining('Start the export again'),
    });
  });

  it('of a table that was dropped and made again is source-changed, even at the same version', async () => {
    const { store } = await newStore();
    const before = await newCollection(store, describes('t', 2));
    await write(before, points(0, 20));
    const [batch] = await exported(before, { batchSize: 10 });
    await store.drop('t', {});
    const after = await newCollection(store, describes('t', 2));
    await write(after, points(100, 120));
    await expect(exported(after, { after: batch?.cursor })).rejects.toMatchObject({ code: 'source-changed' });
  });

  it.each(['', 'v1', 'v1:', 'v1:x', 'x:1', 'v1:1-2'])('%j is no cursor', async (after) => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    await expect(exported(collection, { after })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(exported(collection, { slice: { token: 'v1:1' } })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});

describe('an export', () => {
  it('whose files are cleaned up while it is read ends with source-changed', async () => {
    const { store, path } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    for (let from = 0; from < 30_000; from += 10_000) await write(collection, points(from, from + 10_000));
    const batches = collection.exportAll?.({ batchSize: 100 })[Symbol.asyncIterator]();
    expect((await batches?.next())?.done).toBe(false);
    await collection.deleteMany(['p0'], {});
    await cleanUp(path);
    // The window after this one fails while the consumer is busy elsewhere: that must not end the process.
    for (let rest = 0; rest < 45; rest++) expect((await batches?.next())?.done).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    const drain = async (): Promise<void> => {
      while ((await batches?.next())?.done === false);
    };
    await expect(drain()).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('stops at an abort with the reason itself', async () => {
    const { collection } = await scattered();
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: number[] = [];
    const drain = async (): Promise<void> => {
      for await (const batch of collection.exportAll?.({ batchSize: 100, signal: controller.signal }) ?? []) {
        seen.push(batch.ids.length);
        controller.abort(reason);
      }
    };
    await expect(drain()).rejects.toBe(reason);
    expect(seen).toEqual([100]);
  });

  it('keeps chosen fields with the spelling of their values', async () => {
    const { store } = await newStore();
    const collection = await newCollection(store, describes('t', 2));
    const texts = ['{"a": 1.0, "b":[1, 2], "c":18446744073709551615}', '{"b":2}', 'null', '[1]', undefined];
    const records = texts.map(
      (metadataText, at): VectorRecord => ({ id: `${at}`, embedding: Float32Array.of(1, at), metadataText }),
    );
    await write(collection, records);
    const batches = await exported(collection, { fields: ['c', 'a'] });
    const found = new Map(
      batches.flatMap((batch) => [...rows(batch)].map(({ id, metadataText }) => [id, metadataText])),
    );
    expect(['0', '1', '2', '3', '4'].map((id) => found.get(id))).toEqual([
      '{"a": 1.0,"c":18446744073709551615}',
      '{}',
      'null',
      '[1]',
      undefined,
    ]);
  });

  it('of what a filter leaves counts in total what it gives', async () => {
    const { collection } = await scattered();
    const [batch] = await exported(collection, { filter: eq('n', 17) });
    expect(batch).toMatchObject({ ids: ['p17'], progress: { exported: 1, total: 1 } });
  });

  it('reads tables opened again by another store', async () => {
    const { collection, path } = await scattered();
    const again = await adapter.open({ path }, {});
    expect(await exportedIds(await again.collection('t', {}))).toEqual(await exportedIds(collection));
    await again.close();
  });
});
