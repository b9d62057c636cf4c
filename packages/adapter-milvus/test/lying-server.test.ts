import { afterEach, describe, expect, it } from '@jest/globals';
import type { CollectionDriver, StoreDriver } from '@vecport/abstractions';
import { type FakeMilvus, type Say, startFakeMilvus } from './support/fake-milvus.js';
import { exportIds, openFake } from './support/open-fake.js';

const KEYS = Array.from({ length: 25 }, (_, n) => String(n - 5));
let fake: FakeMilvus | undefined;
let store: StoreDriver | undefined;

afterEach(async () => {
  await store?.close();
  await fake?.close();
  [store, fake] = [undefined, undefined];
});

/** A collection with {@link KEYS}, read in pages of ten, of a server that says this. */
async function reading(say: Say, keys: readonly string[] = KEYS): Promise<CollectionDriver> {
  fake = await startFakeMilvus(keys);
  fake.say = say;
  const opened = await openFake(fake);
  store = opened.store;
  return opened.collection;
}

const page = (query: { readonly number: number; readonly counts: boolean }, number: number): boolean =>
  !query.counts && query.number === number;

describe('a full read of a server that does not keep to the rules', () => {
  it('gives everything once when the server is honest', async () => {
    const collection = await reading(() => undefined);
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
  });

  it('notices a page that comes twice', async () => {
    const collection = await reading((query) => (page(query, 1) ? KEYS.slice(0, 10) : undefined));
    await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('notices keys that tie or go back within a page', async () => {
    for (const keys of [
      ['1', '2', '2', '3'],
      ['1', '3', '2'],
    ]) {
      const collection = await reading((query) => (page(query, 0) ? keys : undefined));
      await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'provider-error' });
      await store?.close();
      await fake?.close();
    }
  });

  it('notices an empty page that is not the last', async () => {
    const collection = await reading((query) => (page(query, 1) ? [] : undefined));
    await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'incomplete' });
  });

  it('notices a page with a hole', async () => {
    const hole = [...KEYS.slice(10, 13), ...KEYS.slice(15, 20)];
    const collection = await reading((query) => (page(query, 1) ? hole : undefined));
    await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'incomplete' });
  });

  it('notices points that are counted and never given out', async () => {
    const hidden = '9223372036854775807';
    const collection = await reading(
      (query) => {
        if (query.counts || query.expression.includes(' in ')) return undefined;
        const after = /id > (-?\d+)/.exec(query.expression)?.[1];
        return KEYS.filter((key) => after === undefined || Number(key) > Number(after)).slice(0, query.limit);
      },
      [...KEYS, hidden],
    );
    const error: unknown = await exportIds(collection, { batchSize: 10 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'incomplete' });
    expect(String(error)).toContain('1 after');
  });

  it('takes short pages for what they are, and asks on', async () => {
    const collection = await reading((query) => {
      if (query.counts || query.number > 3) return undefined;
      const after = /id > (-?\d+)/.exec(query.expression)?.[1];
      return KEYS.filter((key) => after === undefined || Number(key) > Number(after)).slice(0, 3);
    });
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
  });

  it('refuses a page with more points than were asked for', async () => {
    const collection = await reading((query) => (page(query, 0) ? KEYS.slice(0, 11) : undefined));
    await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('does not mind keys that were inserted twice: they are counted twice and given once', async () => {
    const collection = await reading(() => undefined, [...KEYS, '3', '7']);
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
  });

  it('goes on while points are deleted and written', async () => {
    const collection = await reading((query) => {
      if (page(query, 1) && fake !== undefined) {
        fake.keys = [...fake.keys.filter((key) => Number(key) % 2 === 0), '1000'];
      }
      return undefined;
    });
    const ids = await exportIds(collection, { batchSize: 10 });
    expect(ids).toEqual([...KEYS.slice(0, 10), ...KEYS.slice(10).filter((key) => Number(key) % 2 === 0), '1000']);
  });

  it('takes an error in the middle for an error, not for the end', async () => {
    const collection = await reading((query) =>
      page(query, 1) ? { status: 65535, reason: 'fail to query' } : undefined,
    );
    await expect(exportIds(collection, { batchSize: 10 })).rejects.toMatchObject({ code: 'provider-error' });
  });
});

describe('a full read of a server with troubles', () => {
  const seen = (): Set<number> => new Set();

  it('asks again after bursts of UNAVAILABLE and of rate limits', async () => {
    let troubles = 0;
    const collection = await reading((query) => {
      if (query.counts || query.number === 0 || troubles >= 6) return undefined;
      troubles++;
      if (troubles % 3 === 0) return { status: 8, reason: 'rate limit exceeded' };
      if (troubles % 3 === 1) return { grpc: 14, details: 'starting', pushbackMs: 1 };
      return { grpc: 8, details: 'slow down', pushbackMs: 1 };
    });
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
    expect(troubles).toBe(6);
  });

  it.each(['cut', 'truncated'] as const)('asks again after a connection that is %s', async (trouble) => {
    const had = seen();
    const collection = await reading((query) => {
      if (query.counts || had.size > 0) return undefined;
      had.add(query.number);
      return trouble;
    });
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
    expect(had.size).toBe(1);
  });

  it('gives up a request that is never answered, after its time', async () => {
    fake = await startFakeMilvus(KEYS);
    fake.say = (query) => (query.counts ? undefined : 'never');
    const opened = await openFake(fake, { timeout: '50' });
    store = opened.store;
    await expect(exportIds(opened.collection)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('stops waiting when it is aborted, with the reason unwrapped', async () => {
    const aborter = new AbortController();
    const reason = new Error('enough');
    const collection = await reading((query) => {
      if (query.counts) return undefined;
      setImmediate(() => aborter.abort(reason));
      return 'never';
    });
    await expect(exportIds(collection, { signal: aborter.signal })).rejects.toBe(reason);
  });

  it('leaves nothing under way when the reader stops early', async () => {
    const collection = await reading((query) => (page(query, 1) ? 'never' : undefined));
    for await (const batch of collection.exportAll?.({ batchSize: 10 }) ?? []) {
      expect(batch.ids).toHaveLength(10);
      break;
    }
    // The count, the page, and at most the one that was asked for ahead.
    expect(fake?.calls.filter((call) => call === 'Query').length).toBeLessThanOrEqual(3);
  });

  it('reads a page in halves when it is too large for a message', async () => {
    const collection = await reading((query) =>
      query.counts || query.limit <= 3
        ? undefined
        : { status: 65535, reason: 'query results exceed the maxOutputSize Limit' },
    );
    expect(await exportIds(collection, { batchSize: 10 })).toEqual(KEYS);
  });
});

describe('slices', () => {
  it('are pinned: points that are written later fall into one of them, once', async () => {
    const collection = await reading(() => undefined);
    const plan = await collection.slices?.(4, {});
    if (fake !== undefined) fake.keys = [...fake.keys, '-100', '7000', '3'];
    const parts: string[][] = [];
    for (const slice of plan?.slices ?? []) parts.push(await exportIds(collection, { slice }));
    expect(parts).toHaveLength(4);
    expect(parts.flat()).toEqual(['-100', ...KEYS, '7000']);
  });

  it('of a large collection are found by counting', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => String(n * 7 - 30_000));
    const collection = await reading(() => undefined, many);
    const plan = await collection.slices?.(5, {});
    const sizes: number[] = [];
    for (const slice of plan?.slices ?? [])
      sizes.push((await exportIds(collection, { slice, batchSize: 5000 })).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(many.length);
    expect(sizes).toHaveLength(5);
    for (const size of sizes) expect(size).toBeGreaterThan(many.length / 10);
  }, 60_000);
});

describe('writing to a server that refuses', () => {
  it('finds the points that are meant and writes the others', async () => {
    fake = await startFakeMilvus([], { keyType: 'varchar' });
    fake.refuse = (keys) => {
      const bad = keys.find((key) => key.startsWith('bad'));
      return bad === undefined ? undefined : { status: 1100, reason: `invalid parameter: ${bad}` };
    };
    const opened = await openFake(fake);
    store = opened.store;
    const ids = Array.from({ length: 20 }, (_, n) => (n % 9 === 4 ? `bad-${n}` : `good-${n}`));
    const report = await opened.collection.upsertMany(
      {
        ids,
        vectors: { default: { kind: 'dense', dimension: 2, values: new Float32Array(40).fill(1) } },
        metadata: { bytes: new Uint8Array(0), offsets: new Uint32Array(21), missing: new Uint8Array(20).fill(1) },
      },
      {},
    );
    expect(report.accepted).toBe(18);
    expect(report.failed.map(({ id, code }) => [id, code])).toEqual([
      ['bad-4', 'invalid-argument'],
      ['bad-13', 'invalid-argument'],
    ]);
  });

  it('does not take a lost connection for a refusal', async () => {
    fake = await startFakeMilvus([], { keyType: 'varchar' });
    fake.refuse = () => 'cut';
    const opened = await openFake(fake);
    store = opened.store;
    const write = opened.collection.upsertMany(
      {
        ids: ['a'],
        vectors: { default: { kind: 'dense', dimension: 2, values: new Float32Array(2) } },
        metadata: { bytes: new Uint8Array(0), offsets: new Uint32Array(2), missing: new Uint8Array(1).fill(1) },
      },
      {},
    );
    await expect(write).rejects.toMatchObject({ code: 'unavailable' });
  });
});
