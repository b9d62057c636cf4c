import { describe, expect, it } from '@jest/globals';
import { fakeQdrant, idsPassing, result, send } from './support.js';

const PAYLOADS = [
  { kind: 'a', n: 1, tags: ['x', 'y'], at: '2024-01-01T00:00:00Z', yes: true, text: 'The quick brown fox' },
  { kind: 'b', n: 2.5, tags: [], at: '2024-06-01', yes: false, text: 'the lazy dog' },
  {
    kind: 'c',
    n: [3, 40],
    tags: ['y'],
    nested: {
      list: [
        { a: 1, b: 'p' },
        { a: 2, b: 'q' },
      ],
    },
    'a key': 1,
  },
  { kind: null, n: '7', tags: [null], nested: { list: [{ a: 1, b: 'q' }] } },
  {},
];

const CASES: readonly (readonly [filter: unknown, ids: readonly number[]])[] = [
  [{}, [1, 2, 3, 4, 5]],
  [{ must: [{ key: 'kind', match: { value: 'a' } }] }, [1]],
  [{ must: { key: 'kind', match: { value: 'a' } } }, [1]],
  [{ must_not: [{ key: 'kind', match: { value: 'a' } }] }, [2, 3, 4, 5]],
  [
    {
      should: [
        { key: 'kind', match: { value: 'a' } },
        { key: 'kind', match: { value: 'b' } },
      ],
    },
    [1, 2],
  ],
  [{ should: [] }, [1, 2, 3, 4, 5]],
  [{ must: [{ key: 'n', match: { value: 1 } }] }, [1]],
  [{ must: [{ key: 'n', match: { value: 40 } }] }, [3]],
  [{ must: [{ key: 'n', match: { value: '7' } }] }, [4]],
  [{ must: [{ key: 'yes', match: { value: false } }] }, [2]],
  [{ must: [{ key: 'tags', match: { any: ['x', 'z'] } }] }, [1]],
  [{ must: [{ key: 'tags', match: { any: [] } }] }, []],
  [{ must: [{ key: 'tags', match: { except: ['y'] } }] }, [1]],
  [{ must: [{ key: 'kind', match: { except: ['a'] } }] }, [2, 3]],
  [{ must: [{ key: 'text', match: { text: 'quick' } }] }, [1]],
  [{ must: [{ key: 'text', match: { text: 'QUICK' } }] }, []],
  [{ must: [{ key: 'n', range: { gt: 1, lte: 3 } }] }, [2, 3]],
  [{ must: [{ key: 'n', range: { gte: 41 } }] }, []],
  [{ must: [{ key: 'at', range: { gte: '2024-01-01T01:00:00+01:00' } }] }, [1, 2]],
  [{ must: [{ key: 'at', range: { gt: '2024-01-01T00:00:00.000001Z' } }] }, [2]],
  [{ must: [{ is_empty: { key: 'tags' } }] }, [2, 5]],
  [{ must: [{ is_empty: { key: 'kind' } }] }, [4, 5]],
  [{ must: [{ is_null: { key: 'kind' } }] }, [4]],
  [{ must: [{ is_null: { key: 'tags' } }] }, [4]],
  [{ must: [{ has_id: [2, 5, 77] }] }, [2, 5]],
  [{ must: [{ key: 'tags', values_count: { gte: 1 } }] }, [1, 3, 4]],
  [{ must: [{ key: 'tags', values_count: { lt: 1 } }] }, [2, 5]],
  [{ must: [{ key: 'nested.list[].a', match: { value: 2 } }] }, [3]],
  [{ must: [{ key: 'nested.list[0].b', match: { value: 'q' } }] }, [4]],
  [{ must: [{ key: 'nested.list.a', match: { value: 2 } }] }, []],
  [{ must: [{ key: '"a key"', match: { value: 1 } }] }, [3]],
  [nested(1, 'q'), [4]],
  [nested(2, 'q'), [3]],
  [{ must: [{ has_vector: 'v' }] }, [1, 2, 3, 4]],
  [{ must: [{ must_not: [{ has_vector: 'v' }] }] }, [5]],
  [
    {
      min_should: {
        conditions: [{ key: 'tags', match: { value: 'y' } }, { key: 'kind', match: { value: 'c' } }, { has_id: [5] }],
        min_count: 2,
      },
    },
    [3],
  ],
];

function nested(a: number, b: string): unknown {
  const filter = {
    must: [
      { key: 'a', match: { value: a } },
      { key: 'b', match: { value: b } },
    ],
  };
  return { must: [{ nested: { key: 'nested.list', filter } }] };
}

async function filled() {
  const fake = await fakeQdrant();
  await result(fake, 'PUT', '/collections/c', { vectors: { v: { size: 2, distance: 'Dot' } } });
  const points = PAYLOADS.map((payload, at) => ({ id: at + 1, vector: at === 4 ? {} : { v: [at, 1] }, payload }));
  await result(fake, 'PUT', '/collections/c/points?wait=true', { points });
  return fake;
}

describe('filters of the fake of Qdrant', () => {
  it.each(CASES)('%j', async (filter, ids) => {
    expect(await idsPassing(await filled(), 'c', filter)).toEqual(ids);
  });

  it('match text word by word where there is a full-text index', async () => {
    const fake = await filled();
    await result(fake, 'PUT', '/collections/c/index', { field_name: 'text', field_schema: 'text' });
    const passing = async (match: unknown) => idsPassing(fake, 'c', { must: [{ key: 'text', match }] });
    expect(await passing({ text: 'fox THE' })).toEqual([1]);
    expect(await passing({ text: 'uick' })).toEqual([]);
    expect(await passing({ text_any: 'dog fox' })).toEqual([1, 2]);
    expect(await passing({ phrase: 'quick brown' })).toEqual([1]);
    expect(await passing({ phrase: 'brown quick' })).toEqual([]);
  });

  it.each([
    { mist: [] },
    { must: [{}, 1] },
    { must: [{ key: 'n' }] },
    { must: [{ key: 'n', match: { value: 1.5 } }] },
    { must: [{ key: 'n', range: { about: 1 } }] },
    { must: [{ key: 'a key', match: { value: 1 } }] },
    { must: [{ has_id: ['x'] }] },
  ])('refuses %j', async (filter) => {
    const { status, text } = await send(
      await filled(),
      'POST',
      '/collections/c/points/count',
      JSON.stringify({ filter }),
    );
    expect([status, text]).toEqual([400, expect.stringContaining('Format error in JSON body: ')]);
  });
});
