import { afterEach } from '@jest/globals';
import { type FakeQdrant, type FakeQdrantOptions, startFakeQdrant } from '@vecport/testkit';

const running: FakeQdrant[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (fake) => fake.close()));
});

/** A fake that is closed after the test. */
export async function fakeQdrant(options?: FakeQdrantOptions): Promise<FakeQdrant> {
  const fake = await startFakeQdrant(options);
  running.push(fake);
  return fake;
}

/** Send JSON text as it is; the answer's body is text too, so no number is rounded. */
export async function send(
  fake: FakeQdrant,
  method: string,
  path: string,
  body?: string,
): Promise<{ readonly status: number; readonly text: string; readonly retryAfter: string | null }> {
  const response = await fetch(fake.httpUrl + path, { method, body: body ?? null });
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
}

/** Send a request that must succeed; gives its `result`, parsed. */
export async function result(fake: FakeQdrant, method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, text } = await send(fake, method, path, body === undefined ? undefined : JSON.stringify(body));
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (JSON.parse(text) as { result: unknown }).result;
}

/** The ids of a scroll of everything that passes a filter. */
export async function idsPassing(fake: FakeQdrant, collection: string, filter: unknown): Promise<unknown[]> {
  const page = await result(fake, 'POST', `/collections/${collection}/points/scroll`, { filter, limit: 1000 });
  return (page as { points: { id: unknown }[] }).points.map(({ id }) => id);
}
