import { afterEach, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type CollectionDriver, type ExportBatch, type ExportOptions } from '@vecport/abstractions';
import { eventually } from '@vecport/testkit';
import { uuidOfId } from '@vecport/wire';
import { adapter } from '../src/index.js';
import {
  type FakeAnswer,
  type FakeBehaviour,
  type FakeObject,
  type FakeSearch,
  type FakeWeaviate,
  fakeWeaviate,
  honestPage,
  OWN_SCHEMA,
  searchReply,
} from './support/fake-weaviate.js';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const OBJECTS: readonly FakeObject[] = Array.from({ length: 10 }, (_, n) => ({ uuid: uuid(n + 1), vector: [n, 0.5] }));
const IDS = OBJECTS.map((object) => object.uuid);

const closing: (() => Promise<void>)[] = [];
let fake: FakeWeaviate;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(behaviour: FakeBehaviour, settings = {}): Promise<CollectionDriver> {
  fake = await fakeWeaviate({ count: () => OBJECTS.length, ...behaviour });
  closing.push(fake.close);
  const store = await adapter.open({ ...fake.settings, ...settings }, {});
  closing.push(store.close);
  return store.collection('Fake', {});
}

/** A server that is honest but for some searches by cursor. */
async function lying(lie: (search: FakeSearch, nth: number) => FakeAnswer | undefined, more: FakeBehaviour = {}) {
  let nth = 0;
  return open({
    search: (search) => {
      const told = search.after === undefined ? undefined : lie(search, nth++);
      return told ?? { message: searchReply(honestPage(OBJECTS, search)) };
    },
    ...more,
  });
}

async function read(collection: CollectionDriver, options: ExportOptions = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of collection.exportAll?.({ batchSize: 3, ...options }) ?? []) ids.push(...batch.ids);
  return ids;
}

describe('a full read of an honest server', () => {
  it('gives every object once, also in pages that are shorter than asked', async () => {
    expect(await read(await lying(() => undefined))).toEqual(IDS);
    const short = await lying((search) => ({ message: searchReply(honestPage(OBJECTS, { ...search, limit: 1 })) }));
    expect(await read(short)).toEqual(IDS);
  });

  it('goes on when the collection changes while it is read, and gives what is there', async () => {
    let left = [...OBJECTS];
    let count = 0;
    const collection = await open({
      search: (search) => {
        if (search.earlier === 2) left = left.filter(({ uuid: id }) => id !== uuid(8));
        return { message: searchReply(honestPage(left, search)) };
      },
      count: () => OBJECTS.length - count++,
    });
    expect(await read(collection)).toEqual(IDS.filter((id) => id !== uuid(8)));
  });
});

describe('a full read of a lying server', () => {
  it.each<[string, (search: FakeSearch, nth: number) => FakeAnswer | undefined]>([
    ['a page twice', (_, nth) => (nth === 1 ? { message: searchReply(OBJECTS.slice(0, 3)) } : undefined)],
    ['the same page for ever', () => ({ message: searchReply(OBJECTS.slice(0, 3)) })],
    ['a uuid twice in a page', () => ({ message: searchReply([OBJECTS[0], OBJECTS[0], OBJECTS[1]] as FakeObject[]) })],
    ['a page out of order', () => ({ message: searchReply([OBJECTS[2], OBJECTS[1], OBJECTS[4]] as FakeObject[]) })],
    [
      'an object from before the cursor',
      (_, nth) => (nth === 1 ? { message: searchReply([OBJECTS[1], OBJECTS[5]] as FakeObject[]) } : undefined),
    ],
    ['more than was asked for', () => ({ message: searchReply(OBJECTS) })],
    ['an object without uuid', () => ({ message: searchReply([{ uuid: '' }]) })],
    ['a vector of another dimension', () => ({ message: searchReply([{ uuid: uuid(1), vector: [1, 2, 3] }]) })],
  ])('is an error that says so: %s', async (_, lie) => {
    await expect(read(await lying(lie))).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('is complete after an empty page that was not the last', async () => {
    const collection = await lying((_, nth) => (nth === 2 ? { message: searchReply([]) } : undefined));
    expect(await read(collection)).toEqual(IDS);
  });

  it('is incomplete when it ends before the objects the server counts', async () => {
    const collection = await lying((search) => (search.after === uuid(6) ? { message: searchReply([]) } : undefined));
    await expect(read(collection)).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringMatching(/counts 10 objects and gave 6/),
    });
  });

  it('is corrupt data when the identifier kept beside an object is that of another', async () => {
    const objects = [{ uuid: uuidOfId('a'), reserved: '{"id":"b"}' }];
    const collection = await open({ search: (search) => ({ message: searchReply(honestPage(objects, search)) }) });
    await expect(read(collection)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('b'),
    });
  });

  it('is corrupt data when a message does not decode', async () => {
    const message = searchReply(OBJECTS.slice(0, 3));
    const collection = await lying(() => ({ message: message.subarray(0, message.length - 7) }));
    await expect(read(collection)).rejects.toMatchObject({ code: 'corrupt-data' });
  });
});

describe('a read over a bad line', () => {
  it.each<[string, FakeAnswer]>([
    ['unavailable', { status: 14, details: 'try again' }],
    ['overloaded, with a time to wait', { status: 8, details: 'too many requests', retryAfterMs: 5 }],
    ['cut connections', 'cut'],
    ['answers cut in the middle', { message: searchReply(OBJECTS.slice(0, 3)), cutAt: 40 }],
  ])('is complete after a burst of %s', async (_, answer) => {
    expect(await read(await lying((_search, nth) => (nth === 1 || nth === 2 ? answer : undefined)))).toEqual(IDS);
  });

  it('ends with the error when it does not stop', async () => {
    const collection = await lying((_search, nth) => (nth > 0 ? { status: 14, details: 'gone' } : undefined));
    await expect(read(collection)).rejects.toMatchObject({ code: 'unavailable' });
  }, 20_000);

  it('asks for smaller pages when one is larger than the server sends', async () => {
    const limits: number[] = [];
    const collection = await lying(({ limit }) => {
      limits.push(limit);
      return limit > 2 ? { status: 8, details: 'grpc: trying to send message larger than max (9 vs. 8)' } : undefined;
    });
    expect(await read(collection, { batchSize: 10 })).toEqual(IDS);
    expect(limits.slice(0, 2)).toEqual([10, 2]);
  });

  it('is a timeout when no answer comes', async () => {
    const collection = await open({ search: () => 'silence' }, { timeout: '50' });
    await expect(collection.get([uuid(1)], {})).rejects.toMatchObject({ code: 'timeout' });
  }, 20_000);

  it('throws the reason when it is cancelled while an answer is awaited, and leaves no call open', async () => {
    const controller = new AbortController();
    const collection = await lying((_, nth) => (nth > 0 ? 'silence' : undefined));
    const seen: ExportBatch[] = [];
    const reading = (async () => {
      for await (const batch of collection.exportAll?.({ batchSize: 3, signal: controller.signal }) ?? []) {
        seen.push(batch);
        setImmediate(() => controller.abort('enough'));
      }
    })();
    await expect(reading).rejects.toBe('enough');
    expect(seen).toHaveLength(1);
    await eventually('no call is open', () => fake.openCalls() === 0);
  });

  it('leaves no call open when the loop is left', async () => {
    const collection = await lying((_, nth) => (nth > 0 ? 'silence' : undefined));
    for await (const batch of collection.exportAll?.({ batchSize: 3 }) ?? []) {
      expect(batch.ids).toHaveLength(3);
      break;
    }
    await eventually('no call is open', () => fake.openCalls() === 0);
  });
});

describe('a read by REST', () => {
  const schema = { ...OWN_SCHEMA, properties: [{ name: 'place', dataType: ['geoCoordinates'] }] };
  const page = (path: string): string => {
    const query = new URLSearchParams(path.split('?')[1]);
    const after = query.get('after') ?? '';
    const limit = Number(query.get('limit'));
    const objects = honestPage(OBJECTS, { after, limit, uuids: [], earlier: 0 });
    return JSON.stringify({ objects: objects.map(({ uuid: id, vector }) => ({ id, vectors: { default: vector } })) });
  };

  it('is complete after bursts of 429 and 503, cut answers, and short pages', async () => {
    const collection = await open({
      schema,
      rest: (path, earlier) => {
        if (earlier === 1) return { status: 429, body: '', headers: { 'retry-after': '0' } };
        if (earlier === 2) return { status: 503, body: 'starting' };
        return { status: 200, body: page(path), ...(earlier === 4 && { cutAt: 30 }) };
      },
    });
    expect(await read(collection)).toEqual(IDS);
  }, 20_000);

  it('is an error when a page comes twice', async () => {
    const collection = await open({ schema, rest: () => ({ status: 200, body: page('?limit=3') }) });
    await expect(read(collection)).rejects.toMatchObject({ code: 'provider-error' });
  });
});

describe('opening and writing', () => {
  it('sends the API key with every request of both interfaces', async () => {
    const collection = await open({}, { apiKey: 's3cret' });
    await collection.count(undefined, {});
    expect(new Set(fake.authorizations)).toEqual(new Set(['Bearer s3cret']));
    expect(fake.authorizations.length).toBeGreaterThan(3);
  });

  it('takes address and credentials of an injected client, asks for them again, and does not close it', async () => {
    fake = await fakeWeaviate({ count: () => 3 });
    closing.push(fake.close);
    let asked = 0;
    const client = {
      getConnectionDetails: async () => ({
        host: new URL(fake.settings.url).host,
        bearerToken: `Bearer ${asked++ < 4 ? 'old' : 'new'}`,
      }),
      close: () => {
        throw new Error('It belongs to the application.');
      },
    };
    const store = await adapter.open({ grpcUrl: fake.settings.grpcUrl }, { client });
    const collection = await store.collection('Fake', {});
    expect(await collection.count(undefined, {})).toBe(3);
    expect(new Set(fake.authorizations)).toEqual(new Set(['Bearer old', 'Bearer new']));
    await store.close();
  });

  it('does not open a server that is not ready', async () => {
    await expect(open({ health: 2 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not try a write again, and reports what the server says of each point', async () => {
    let batches = 0;
    const collection = await open({
      batch: () => {
        batches++;
        return { status: 14, details: 'gone' };
      },
    });
    const points = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2) }]);
    await expect(collection.upsertMany(points, {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(batches).toBe(1);
  });

  it('refuses an answer about a point that was not in the request', async () => {
    const { ProtoWriter } = await import('@vecport/wire');
    const message = new ProtoWriter().message(2, (error) => error.varint(1, 7).text(2, 'no')).finish();
    const collection = await open({ batch: () => ({ message }) });
    const points = batchFromRecords([{ id: 'a', embedding: Float32Array.of(1, 2) }]);
    await expect(collection.upsertMany(points, {})).rejects.toMatchObject({ code: 'provider-error' });
  });

  it('splits a write by the size of messages the server takes', async () => {
    const sizes: number[] = [];
    const collection = await open({
      batch: (objects) => {
        sizes.push(objects);
        return { message: new Uint8Array(0) };
      },
    });
    const metadataText = `{"text":"${'x'.repeat(200_000)}"}`;
    const records = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, embedding: Float32Array.of(1, 2), metadataText }));
    expect(await collection.upsertMany(batchFromRecords(records), {})).toEqual({ accepted: 5, failed: [] });
    expect(sizes).toEqual([2, 2, 1]);
  });
});
