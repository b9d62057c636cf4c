import { describe, expect, it } from '@jest/globals';
import type { FakeQdrant, QdrantFault } from '@vecport/testkit';
import { type GrpcChannel, GrpcError, openGrpcChannel, ProtoReader, ProtoWriter } from '@vecport/wire';
import { fakeQdrant, result, send } from './support.js';

const SCROLL = '/collections/c/points/scroll';

async function filled(): Promise<FakeQdrant> {
  const fake = await fakeQdrant();
  await result(fake, 'PUT', '/collections/c', { vectors: { size: 1, distance: 'Dot' } });
  const points = [1, 2, 3].map((id) => ({ id, vector: [id], payload: {} }));
  await result(fake, 'PUT', '/collections/c/points?wait=true', { points });
  return fake;
}

async function withChannel<T>(fake: FakeQdrant, work: (channel: GrpcChannel) => Promise<T>): Promise<T> {
  const channel = openGrpcChannel({ host: '127.0.0.1', port: fake.grpcPort });
  try {
    return await work(channel);
  } finally {
    channel.close();
  }
}

/** How many points a scroll of two has over gRPC, and the id it goes on from. */
async function grpcPage(fake: FakeQdrant): Promise<unknown> {
  const request = new ProtoWriter().text(1, 'c').varint(4, 2).finish();
  const reader = new ProtoReader(
    await withChannel(fake, async (channel) => channel.unary('/qdrant.Points/Scroll', request)),
  );
  let [count, next] = [0, -1n];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) count++;
    if (field !== 1) reader.skip();
    else {
      const outer = reader.enter();
      reader.next();
      next = reader.uint64();
      reader.leave(outer);
    }
  }
  return { count, next: Number(next) };
}

async function restPage(fake: FakeQdrant): Promise<unknown> {
  const page = (await result(fake, 'POST', SCROLL, { limit: 2 })) as { points: []; next_page_offset: number | null };
  return { count: page.points.length, next: page.next_page_offset ?? -1 };
}

async function grpcError(fake: FakeQdrant): Promise<GrpcError> {
  try {
    await grpcPage(fake);
  } catch (error) {
    if (error instanceof GrpcError) return error;
    throw error;
  }
  throw new Error('The call succeeded.');
}

describe('faults of the fake of Qdrant', () => {
  it.each<[string, QdrantFault, unknown]>([
    ['nothing', {}, { count: 2, next: 3 }],
    ['an empty page that is not the last', { alterPage: (page) => ({ ...page, points: [] }) }, { count: 0, next: 3 }],
    ['an offset that does not advance', { alterPage: (page) => ({ ...page, next: 1n }) }, { count: 2, next: 1 }],
    ['a page that ends early', { alterPage: (page) => ({ ...page, next: undefined }) }, { count: 2, next: -1 }],
    [
      'points that come twice',
      { alterPage: (page) => ({ ...page, points: [...page.points, ...page.points] }) },
      { count: 4, next: 3 },
    ],
  ])('%s', async (_name, fault, expected) => {
    const fake = await filled();
    fake.faults = () => fault;
    expect(await restPage(fake)).toEqual(expected);
    expect(await grpcPage(fake)).toEqual(expected);
  });

  it.each([
    [429, 8],
    [503, 14],
    [500, 13],
  ])('refuses with %i and code %i for as long as it is told', async (status, code) => {
    const fake = await filled();
    let left = 4;
    fake.faults = () => (left-- > 0 ? { refuse: { status, retryAfterSeconds: 2 } } : undefined);
    expect(await send(fake, 'POST', SCROLL, '{}')).toMatchObject({ status, retryAfter: '2' });
    expect(await grpcError(fake)).toMatchObject({ grpcCode: code, retryAfterMs: 2000 });
    fake.faults = undefined;
    expect(await restPage(fake)).toEqual({ count: 2, next: 3 });
  });

  it('cuts the connection in the middle of a body', async () => {
    const fake = await filled();
    fake.faults = () => ({ cutAfterBytes: 20 });
    const response = await fetch(fake.httpUrl + SCROLL, { method: 'POST', body: '{}' });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(await grpcError(fake)).toMatchObject({ grpcCode: 14 });
  });

  it('truncates a body whose length it tells truly', async () => {
    const fake = await filled();
    fake.faults = () => ({ alterBody: (body) => body.subarray(0, 20) });
    expect((await send(fake, 'POST', SCROLL, '{}')).text).toBe('{"result":{"points":');
    await expect(grpcPage(fake)).rejects.toMatchObject({ code: 'corrupt-data' });
  });

  it('waits before it answers', async () => {
    const fake = await filled();
    fake.faults = () => ({ delayMs: 60_000 });
    const request = fetch(fake.httpUrl, { signal: AbortSignal.timeout(50) });
    await expect(request).rejects.toThrow('timeout');
  });

  it('logs requests, counts connections and closes them', async () => {
    const fake = await filled();
    await restPage(fake);
    await grpcPage(fake);
    expect(fake.requests().map(({ number, transport, path }) => `${number} ${transport} ${path}`)).toEqual([
      '1 rest /collections/c',
      '2 rest /collections/c/points?wait=true',
      `3 rest ${SCROLL}`,
      '4 grpc /qdrant.Points/Scroll',
    ]);
    expect(Buffer.from(fake.requests()[2]?.body ?? []).toString()).toBe('{"limit":2}');
    expect(fake.openConnections()).toBeGreaterThan(0);
    await fake.close();
    expect(fake.openConnections()).toBe(0);
    await expect(fetch(fake.httpUrl)).rejects.toThrow('fetch failed');
  });
});
