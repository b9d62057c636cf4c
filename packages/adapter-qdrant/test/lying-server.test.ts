import { describe, expect, it } from '@jest/globals';
import type { ExportBatch } from '@vecport/abstractions';
import type { QdrantFault } from '@vecport/testkit';
import { exportedIds, faultAtScroll, filledCollection, TRANSPORTS, withFake, withStore } from './support/open-fake.js';

const IDS = Array.from({ length: 50 }, (_, n) => n * 3);
const ALL = IDS.map(String);

describe.each(TRANSPORTS)('a server that lies or fails, over %s', (transport) => {
  /** Read all in pages of ten while something goes wrong with scrolls. */
  const read = async (faultOf: (n: number) => QdrantFault | undefined): Promise<readonly string[]> =>
    withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, IDS);
        faultAtScroll(fake, faultOf);
        return exportedIds(collection, 10);
      }),
    );

  it('a page that is given twice is an error, not points twice', async () => {
    let first: Parameters<NonNullable<QdrantFault['alterPage']>>[0] | undefined;
    const repeated = read((n) => ({
      alterPage: (page) => {
        if (n === 1) first = page;
        return n === 2 ? (first ?? page) : page;
      },
    }));
    await expect(repeated).rejects.toMatchObject({ code: 'provider-error', message: expect.stringContaining('again') });
  });

  it('points out of order within a page are an error', async () => {
    const swapped = read(() => ({ alterPage: ({ points, next }) => ({ points: points.toReversed(), next }) }));
    await expect(swapped).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('a next page that does not lead on is not believed', async () => {
    expect(await read(() => ({ alterPage: ({ points, next }) => ({ points, next: next && 3n }) }))).toEqual(ALL);
  });

  it('a next page that leaves points out is not believed', async () => {
    expect(await read(() => ({ alterPage: ({ points, next }) => ({ points, next: next && 100n }) }))).toEqual(ALL);
  });

  it('an empty page that is not the last is asked for again', async () => {
    expect(await read((n) => ({ alterPage: (page) => (n === 2 ? { ...page, points: [] } : page) }))).toEqual(ALL);
  });

  it('an empty page without a successor in the middle is asked for again', async () => {
    expect(await read((n) => ({ alterPage: (page) => (n === 2 ? { points: [], next: undefined } : page) }))).toEqual(
      ALL,
    );
  });

  it('a page without a successor that is not the last is no end', async () => {
    expect(await read((n) => ({ alterPage: (page) => (n === 3 ? { ...page, next: undefined } : page) }))).toEqual(ALL);
  });

  it('a last page with a successor is the last', async () => {
    const altered = await read(() => ({
      alterPage: (page) => (page.points.length > 0 ? { ...page, next: page.next ?? 1_000_000n } : page),
    }));
    expect(altered).toEqual(ALL);
  });

  it('empty pages without end are an error, not an endless loop', async () => {
    for (const next of [0n, 1_000_000n]) {
      const endless = read((n) => ({ alterPage: (page) => (n > 2 ? { points: [], next } : page) }));
      await expect(endless).rejects.toMatchObject({
        code: 'provider-error',
        message: expect.stringContaining('empty pages from 58 on'),
      });
    }
  });

  it.each([429, 503])('bursts of %i are waited out', async (status) => {
    const refuse = { refuse: { status, retryAfterSeconds: 0 } };
    expect(await read((n) => (n % 3 === 0 ? undefined : refuse))).toEqual(ALL);
  });

  it('a connection that is cut in the middle of an answer is tried again', async () => {
    expect(await read((n) => (n % 2 === 1 ? { cutAfterBytes: 40 } : undefined))).toEqual(ALL);
  });

  it('an answer that is cut off though its length fits is an error', async () => {
    const cut = read((n) => (n === 2 ? { alterBody: (body) => body.subarray(0, body.length - 30) } : undefined));
    await expect(cut).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it('points that come and go while it is read do not disturb the others', async () => {
    const ids = await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, IDS);
        const found: string[] = [];
        for await (const batch of collection.exportAll?.({ batchSize: 10 }) ?? []) {
          found.push(...batch.ids);
          // Behind, far ahead, and the point at which the next page begins.
          await collection.deleteMany(['0', '147', String(Number(batch.ids.at(-1)) + 3)], {});
        }
        return found;
      }),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !ALL.includes(id))).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(ALL.length - 8);
  });

  it('leaving early stops what is read ahead', async () => {
    await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, IDS);
        const scrolls = faultAtScroll(fake, () => undefined);
        const read: ExportBatch[] = [];
        for await (const batch of collection.exportAll?.({ batchSize: 5 }) ?? []) {
          read.push(batch);
          break;
        }
        expect(read[0]?.ids).toEqual(ALL.slice(0, 5));
        expect(scrolls()).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('a server that does not answer in time is a timeout, and aborting is its own reason', async () => {
    await withFake(async (fake) =>
      withStore(
        fake,
        transport,
        async (store) => {
          const collection = await filledCollection(store, IDS);
          fake.faults = () => ({ delayMs: 5000 });
          const late = collection.upsertMany(
            { ids: ['1'], vectors: {}, metadata: { bytes: Buffer.from('{}'), offsets: Uint32Array.of(0, 2) } },
            {},
          );
          await expect(late).rejects.toMatchObject({ code: 'timeout' });
          const reason = new Error('enough');
          const stopped = collection.count(undefined, { signal: AbortSignal.any([AbortSignal.abort(reason)]) });
          await expect(stopped).rejects.toBe(reason);
        },
        { timeout: '300' },
      ),
    );
  });
});
