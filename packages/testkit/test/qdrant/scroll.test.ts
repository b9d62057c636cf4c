import { describe, expect, it } from '@jest/globals';
import type { FakeQdrant } from '@vecport/testkit';
import fc from 'fast-check';
import { fakeQdrant, result, send } from './support.js';

const numbers = fc.uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 12 });
const uuids = fc.uniqueArray(fc.uuid(), { maxLength: 12 });

/** Follow the offsets as texts, so that no id is rounded. */
async function allIds(fake: FakeQdrant, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 'null'; ; ) {
    const body = `{"limit":${limit},"offset":${offset},"with_payload":false}`;
    const { text } = await send(fake, 'POST', '/collections/c/points/scroll', body);
    ids.push(...Array.from(text.matchAll(/"id":("[^"]*"|\d+)/g), ([, id = '']) => id));
    offset = /"next_page_offset":("[^"]*"|\d+|null)/.exec(text)?.[1] ?? 'null';
    if (offset === 'null') return ids;
  }
}

async function empty(): Promise<FakeQdrant> {
  const fake = await fakeQdrant();
  await result(fake, 'PUT', '/collections/c', { vectors: { size: 1, distance: 'Dot' } });
  return fake;
}

async function put(fake: FakeQdrant, ids: readonly string[]): Promise<void> {
  const points = ids.map((id) => `{"id":${id},"vector":[1]}`).join();
  if (ids.length > 0) await send(fake, 'PUT', '/collections/c/points?wait=true', `{"points":[${points}]}`);
}

describe('scrolling the fake of Qdrant', () => {
  it('gives every id once, integers by value and then uuids by bytes, whatever the pages', async () => {
    const fake = await empty();
    await fc.assert(
      fc.asyncProperty(numbers, uuids, fc.integer({ min: 1, max: 9 }), async (integers, texts, limit) => {
        await result(fake, 'POST', '/collections/c/points/delete?wait=true', { filter: {} });
        const written = [...texts.map((uuid) => `"${uuid.toUpperCase()}"`), ...integers.map(String)];
        await put(fake, written);
        const expected = [
          ...integers.toSorted((a, b) => (a < b ? -1 : 1)).map(String),
          ...texts
            .map((uuid) => uuid.toLowerCase())
            .toSorted()
            .map((uuid) => `"${uuid}"`),
        ];
        expect(await allIds(fake, limit)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('goes on after the point of the offset was deleted, and finds points written behind it', async () => {
    const fake = await empty();
    await put(fake, ['1', '2', '3', '4', '5']);
    fake.faults = ({ number, path }) => {
      if (!path.endsWith('/scroll')) return undefined;
      const collection = fake.collection('c');
      if (number % 2 === 0) collection.delete([3n]);
      collection.upsert([{ id: 9n, vectors: new Map(), payload: new Map() }]);
      return undefined;
    };
    expect(await allIds(fake, 2)).toEqual(['1', '2', '4', '5', '9']);
  });

  it('orders by a payload field, in one page', async () => {
    const fake = await empty();
    await result(fake, 'PUT', '/collections/c/points?wait=true', {
      points: [3, 1, 2].map((n, at) => ({ id: at, vector: [1], payload: { n, at: `2024-01-0${n}T00:00:00Z` } })),
    });
    const ordered = async (order_by: unknown) =>
      result(fake, 'POST', '/collections/c/points/scroll', { order_by, limit: 2, with_payload: false });
    await expect(ordered('n')).rejects.toThrow('No range index for `order_by` key: `n`');
    await result(fake, 'PUT', '/collections/c/index', { field_name: 'n', field_schema: 'integer' });
    expect(await ordered({ key: 'n', direction: 'desc' })).toEqual({
      points: [
        { id: 0, order_value: 3 },
        { id: 2, order_value: 2 },
      ],
      next_page_offset: null,
    });
    expect(await ordered({ key: 'n', start_from: 3 })).toEqual({
      points: [{ id: 0, order_value: 3 }],
      next_page_offset: null,
    });
    await expect(result(fake, 'POST', '/collections/c/points/scroll', { order_by: 'n', offset: 1 })).rejects.toThrow(
      'Cannot use an `offset` when using `order_by`',
    );
  });

  it('breaks the connection over a body of more than 32 MiB', async () => {
    const fake = await empty();
    const request = fetch(`${fake.httpUrl}/collections/c/points`, {
      method: 'PUT',
      body: Buffer.alloc(33 * 2 ** 20, ' '),
    });
    await expect(request).rejects.toThrow('fetch failed');
    expect(await allIds(fake, 1)).toEqual([]);
  });
});
