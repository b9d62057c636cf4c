import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CollectionDriver, ExportOptions, StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-elastic';
import {
  contextMissing,
  type FakeServer,
  fakeDocument,
  fakeDocuments,
  fakeServer,
  json,
  page,
} from './support/fake-server.js';

let server: FakeServer;
let store: StoreDriver;
let collection: CollectionDriver;
const ALL = fakeDocuments(25).map(({ id }) => id);
const NO_PIT = json({ error: 'no handler found for uri [/points/_pit] and method [POST]', status: 400 }, 400);

beforeEach(async () => {
  server = await fakeServer();
  store = await adapter.open({ url: server.url }, {});
  collection = await store.collection('points', {});
});
afterEach(async () => {
  await store.close();
  await server.close();
});

async function read(options: ExportOptions = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of collection.exportAll?.({ batchSize: 6, ...options }) ?? []) {
    expect(batch.ids.length).toBeGreaterThan(0);
    ids.push(...batch.ids);
  }
  return ids;
}

describe.each([
  ['in a point in time', false],
  ['by scrolling', true],
] as const)('an export %s', (_, scrolls) => {
  beforeEach(() => {
    if (scrolls) server.lies.open = () => NO_PIT;
  });
  afterEach(() => {
    expect([...server.open.keys()]).toEqual([]);
  });

  it('is complete where the server is honest, and asks for nothing compressed', async () => {
    expect(await read()).toEqual(ALL);
    expect(server.requests.filter(({ headers }) => headers['accept-encoding'] !== undefined)).toEqual([]);
  });

  it('asks for no vectors where none are wanted', async () => {
    for await (const { vectors, metadata } of collection.exportAll?.({ batchSize: 6, vectors: 'none' }) ?? []) {
      expect(vectors).toEqual({});
      expect(Buffer.from(metadata.bytes).toString()).toMatch(/^(?:\{"n":\d+\})+$/);
    }
    expect(await read({ vectors: 'none' })).toEqual(ALL);
    const bodies = server.requests.flatMap(({ path, body }) => (path.endsWith('/_search') ? [body] : []));
    expect(bodies.filter((body) => body.size !== 0)).not.toHaveLength(0);
    for (const body of bodies) if (body.size !== 0) expect(body).toMatchObject({ _source: { excludes: ['vector'] } });
  });

  it('ends with the last page, although that says how to go on', async () => {
    server.documents = fakeDocuments(12);
    expect(await read()).toEqual(ALL.slice(0, 12));
    const pages = server.requests.filter(({ path }) => path.includes('_search') && !path.includes('clear'));
    expect(pages.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('is complete where shards use the same sequence numbers', async () => {
    server.documents = Array.from({ length: 25 }, (__, n) => fakeDocument(n, Math.floor(n / 4), n));
    expect(await read()).toEqual(ALL);
    for (const batchSize of [1, 3, 4, 5]) expect(await read({ batchSize })).toEqual(ALL);
  });

  it('resumes among points with the same sequence number, also when what the server held is gone', async () => {
    server.documents = Array.from({ length: 25 }, (__, n) => fakeDocument(n, Math.floor(n / 4), n));
    const cursors: string[] = [];
    for await (const batch of collection.exportAll?.({ batchSize: 3 }) ?? []) cursors.push(batch.cursor);
    for (const [at, after] of cursors.entries()) expect(await read({ after })).toEqual(ALL.slice((at + 1) * 3));
  });

  it('survives bursts of 429 and 503, waiting as long as it is told', async () => {
    const busy = (request: { nth: number }) => {
      const status = request.nth % 3 === 1 ? 429 : request.nth % 3 === 2 ? 503 : undefined;
      return status === undefined ? undefined : json({ error: 'busy', status }, status, { 'retry-after': '0' });
    };
    server.lies.search = busy;
    server.lies.scroll = (request) => (request.nth === 1 ? busy({ nth: 2 }) : undefined);
    expect(await read()).toEqual(ALL);
  });

  it('survives a connection that is cut in the middle of a page', async () => {
    server.lies.search = ({ nth }, honest) => (nth === 1 ? { ...honest(), cutAt: 300 } : undefined);
    server.lies.scroll = ({ nth }, honest) => (nth === 1 ? { ...honest(), cutAt: 300 } : undefined);
    expect(await read()).toEqual(ALL);
  });

  it('refuses a page that ends too early', async () => {
    const half = (__: unknown, honest: () => { body: string; status: number }) => {
      const answer = honest();
      return { ...answer, body: answer.body.slice(0, answer.body.length / 2) };
    };
    server.lies.search = half;
    await expect(read()).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it('refuses a page that comes twice', async () => {
    let first: ReturnType<typeof page> | undefined;
    const again = (__: unknown, honest: () => ReturnType<typeof page>) => {
      first ??= honest();
      return first;
    };
    if (scrolls) server.lies.scroll = again;
    server.lies.search = again;
    await expect(read()).rejects.toMatchObject({
      code: 'provider-error',
      message: expect.stringContaining('twice') as unknown,
    });
  });

  it('says what is missing when an empty page comes before the last', async () => {
    const empty = ({ body }: { body: { pit?: { id: string }; scroll_id?: unknown } }) =>
      page([], server.documents, { pit_id: body.pit?.id, _scroll_id: body.scroll_id });
    server.lies.search = (request) => (request.nth === 2 ? empty(request) : undefined);
    server.lies.scroll = (request) => (request.nth === 1 ? empty(request) : undefined);
    await expect(read()).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringMatching(/12 of the 25|18 of the 25/) as unknown,
    });
  });

  it('refuses pages with more points than were asked for, or than there are', async () => {
    const tooMany = ({ body }: { body: { pit?: { id: string } } }) =>
      page(server.documents, server.documents, { pit_id: body.pit?.id, _scroll_id: 's' });
    server.lies.search = tooMany;
    await expect(read()).rejects.toMatchObject({ code: 'provider-error' });
    server.lies.search = ({ nth, body }) =>
      nth < 2
        ? page(server.documents.slice(0, 6), server.documents.slice(0, 4), { pit_id: body.pit?.id, _scroll_id: 's' })
        : undefined;
    await expect(read()).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('takes no part of an answer for the whole', async () => {
    const change = (from: string, to: string) => (__: unknown, honest: () => { body: string; status: number }) => {
      const answer = honest();
      return { ...answer, body: answer.body.replace(from, to) };
    };
    for (const [to, code] of [
      ['"failed":1,"failures":[{"status":503,"reason":{"type":"x","reason":"a shard is gone"}}]', 'unavailable'],
      ['"failed":1', 'unavailable'],
    ] as const) {
      server.lies.search = change('"failed":0', to);
      await expect(read()).rejects.toMatchObject({ code });
    }
    server.lies.search = change('"timed_out":false', '"timed_out":true');
    await expect(read()).rejects.toMatchObject({ code: 'timeout' });
    server.lies.search = change('"_shards":{"total":1,"successful":1,"failed":0},', '');
    await expect(read()).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('goes on where nothing was written when what the server held expires', async () => {
    server.lies.search = ({ nth }) => (nth === 2 ? contextMissing() : undefined);
    server.lies.scroll = ({ nth }) => (nth === 1 ? contextMissing() : undefined);
    expect(await read()).toEqual(ALL);
  });

  it('says expired where something was written', async () => {
    const writeAndExpire = () => {
      server.documents.push(fakeDocument(90));
      return contextMissing();
    };
    server.lies.search = ({ nth }) => (nth === 2 ? writeAndExpire() : undefined);
    server.lies.scroll = ({ nth }) => (nth === 1 ? writeAndExpire() : undefined);
    await expect(read()).rejects.toMatchObject({ code: 'expired' });
  });

  it('does not loop when everything expires at once', async () => {
    server.lies.search = ({ nth }) => (nth > 0 ? contextMissing() : undefined);
    server.lies.scroll = () => contextMissing();
    await expect(read()).rejects.toMatchObject({ code: 'expired' });
    expect(server.requests.length).toBeLessThan(40);
  });

  it('gives the state at its start while the collection changes', async () => {
    const change = () => {
      server.documents = [...fakeDocuments(3), fakeDocument(70), ...server.documents.slice(20)];
      return undefined;
    };
    server.lies.search = ({ nth }) => (nth > 0 ? change() : undefined);
    server.lies.scroll = change;
    expect(await read()).toEqual(ALL);
  });

  it('releases what the server holds when the reader stops, fails or is cancelled', async () => {
    for await (const batch of collection.exportAll?.({ batchSize: 6 }) ?? []) {
      expect(batch.ids).toHaveLength(6);
      break;
    }
    expect([...server.open.keys()]).toEqual([]);
    const controller = new AbortController();
    const reason = new Error('cancelled by the test');
    const reading = (async () => {
      for await (const _batch of collection.exportAll?.({ batchSize: 6, signal: controller.signal }) ?? [])
        controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });
});

describe('slices', () => {
  it('leave the point in time of their plan open until it is released', async () => {
    server.lies.search = ({ body }, honest) => {
      const answer = honest();
      if (body.size !== 0) return answer;
      const buckets = [{ key: 'all', from: 0, doc_count: 25, seq: { min: 0, max: 24, sum: 300 } }];
      const more = { cuts: { values: [] }, slices: { buckets } };
      return {
        ...answer,
        body: answer.body.replace('"aggregations":{', `"aggregations":{${JSON.stringify(more).slice(1, -1)},`),
      };
    };
    const plan = await collection.slices?.(1, {});
    expect(plan).toMatchObject({ consistency: 'point-in-time', slices: [{ points: 25 }] });
    const slice = plan?.slices[0];
    expect(await read({ slice })).toEqual(ALL);
    expect([...server.open.keys()]).toHaveLength(1);
    // Nothing was written, so that the plan is for what is there.
    expect(plan?.snapshot).toBe('uuid-1:25:24');
    expect(await collection.revision?.({})).toBe(plan?.snapshot);
    if (plan !== undefined) await collection.releaseSlices?.(plan, {});
    expect([...server.open.keys()]).toEqual([]);
    // What a slice is does not depend on the point in time, as long as nothing is written.
    expect(await read({ slice })).toEqual(ALL);
    server.documents.push(fakeDocument(90));
    expect(await collection.revision?.({})).toBe('uuid-1:26:90');
    await expect(read({ slice })).rejects.toMatchObject({ code: 'expired' });
  });
});

describe('writes', () => {
  const batch = {
    ids: ['a', 'b'],
    vectors: { default: { kind: 'dense' as const, dimension: 2, values: Float32Array.of(1, 2, 3, 4) } },
    metadata: { bytes: new Uint8Array(), offsets: Uint32Array.of(0, 0, 0), missing: Uint8Array.of(1, 1) },
  };

  it('are not called accepted when the server answers for fewer points', async () => {
    server.lies.bulk = () => json({ errors: false, items: [{ index: { _id: 'a', status: 201 } }] });
    await expect(collection.upsertMany(batch, {})).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('report what is refused of each point, and can be repeated when the server was too busy for some', async () => {
    const item = (status: number, type: string) => ({
      index: { _id: 'b', status, error: { type, reason: 'because' } },
    });
    const good = { index: { _id: 'a', status: 201 } };
    server.lies.bulk = () => json({ errors: true, items: [good, item(400, 'document_parsing_exception')] });
    expect(await collection.upsertMany(batch, {})).toEqual({
      accepted: 1,
      failed: [{ id: 'b', code: 'invalid-argument', reason: 'Elasticsearch: because' }],
    });
    server.lies.bulk = () => json({ errors: true, items: [good, item(429, 'es_rejected_execution_exception')] });
    await expect(collection.upsertMany(batch, {})).rejects.toMatchObject({ code: 'rate-limited', retryable: true });
  });
});
