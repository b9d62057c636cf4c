import { describe, expect, it } from '@jest/globals';
import { rows } from '@vecport/abstractions';
import type { FakePineconeReply, FakePineconeRequest } from '@vecport/testkit';
import { exported, failure, idsOf, idsUpTo, record, recordId, seeded } from './support/open-fake.js';

const COUNT = 730;
const BUSY = { status: 429, body: '{"code":8,"message":"Too many requests"}', headers: { 'retry-after': '0' } };

type Body = { vectors: { id: string }[]; pagination?: { next: string } };

/** The answer with its body changed. */
function changed(change: (body: Body) => Body | undefined): (reply: FakePineconeReply) => FakePineconeReply {
  return (reply) => {
    const body = JSON.parse(reply.body) as Body;
    return { ...reply, body: JSON.stringify(change(body) ?? body) };
  };
}

/** The `n`-th request of a kind, counted from 1. */
function nth(operation: string, n: number): (request: FakePineconeRequest) => boolean {
  let seen = 0;
  return (request) => {
    if (request.operation !== operation) return false;
    seen += 1;
    return seen === n;
  };
}

describe('a full read of a server that lies', () => {
  it('gives every point once, in order, when nothing is wrong', async () => {
    const { books } = await seeded(COUNT);
    const batches = await exported(books, { batchSize: 64 });
    expect(idsOf(batches)).toEqual(idsUpTo(COUNT));
    expect(batches.every(({ ids }) => ids.length > 0 && ids.length <= 64)).toBe(true);
    const last = [...rows(batches[11] as (typeof batches)[number])].at(-1);
    expect(last?.metadata).toEqual({ n: COUNT - 1 });
    expect([...(last?.embedding ?? [])]).toEqual(record(COUNT - 1).values);
  });

  it('survives an empty page that is not the last, and a last page that is empty', async () => {
    const { fake, books } = await seeded(300);
    const third = nth('list', 3);
    let held: { id: string }[] = [];
    let token = '';
    fake.fault = (request) => {
      if (request.query.get('paginationToken') === 'late') {
        return { status: 200, body: JSON.stringify({ vectors: held, pagination: { next: 'end' }, namespace: '' }) };
      }
      if (request.query.get('paginationToken') === 'end') return { status: 200, body: '{"namespace":""}' };
      if (!third(request)) return undefined;
      return {
        alter: changed((body) => {
          held = body.vectors;
          token = body.pagination?.next ?? '';
          return { ...body, vectors: [], pagination: { next: 'late' } };
        }),
      };
    };
    expect(idsOf(await exported(books))).toEqual(idsUpTo(300));
    expect(token).toBe('');
  });

  it.each<[string, (body: Body) => Body | undefined, RegExp]>([
    [
      'repeats a page',
      (body) => ({ ...body, vectors: body.vectors.map((_, n) => ({ id: recordId(n) })) }),
      /listed the id 'r00000' after/,
    ],
    [
      'lists an id twice',
      (body) => ({ ...body, vectors: [...body.vectors, ...body.vectors.slice(-1)] }),
      /'r00199' twice/,
    ],
    ['lists out of order', (body) => ({ ...body, vectors: body.vectors.toReversed() }), /against its order/],
  ])('ends in an error when it %s', async (_, change, message) => {
    const { fake, books } = await seeded(300);
    const second = nth('list', 2);
    fake.fault = (request) => (second(request) ? { alter: changed(change) } : undefined);
    const error = await failure(async () => exported(books));
    expect(error.code).toBe('provider-error');
    expect(error.message).toMatch(message);
  });

  it('ends in an error when a pagination token leads to itself', async () => {
    const { fake, books } = await seeded(300);
    fake.fault = ({ operation, query }) => {
      const token = query.get('paginationToken');
      return operation === 'list' && token !== null
        ? { alter: changed((body) => ({ ...body, pagination: { next: token } })) }
        : undefined;
    };
    const error = await failure(async () => exported(books));
    expect(error.code).toBe('provider-error');
    expect(error.message).toMatch(/circle/);
  });

  it('ends in an error when empty pages do not end', async () => {
    const { fake, books } = await seeded(10);
    let page = 0;
    fake.fault = ({ operation }) => {
      if (operation !== 'list') return undefined;
      page += 1;
      return { status: 200, body: JSON.stringify({ vectors: [], pagination: { next: `token-${page}` } }) };
    };
    const error = await failure(async () => exported(books));
    expect(error.message).toMatch(/empty pages in a row/);
  });

  it('lists again when its tokens expire, and leaves out nothing', async () => {
    const { fake, books } = await seeded(COUNT);
    const fourth = nth('list', 4);
    fake.fault = (request) => {
      if (fourth(request)) fake.expireTokens();
      return undefined;
    };
    expect(idsOf(await exported(books, { batchSize: 50 }))).toEqual(idsUpTo(COUNT));
  });

  it('takes a cursor whose token expired', async () => {
    const { fake, books } = await seeded(COUNT);
    const batches = await exported(books, { batchSize: 90 });
    fake.expireTokens();
    const rest = await exported(books, { batchSize: 70, after: batches[4]?.cursor });
    expect(idsOf(rest)).toEqual(idsUpTo(COUNT).slice(450));
  });

  it('says that tokens are expired when the server refuses every one', async () => {
    const { fake, books } = await seeded(COUNT);
    fake.fault = ({ query }) =>
      query.has('paginationToken')
        ? { status: 400, body: '{"code":3,"message":"Invalid pagination token"}' }
        : undefined;
    const seen: string[] = [];
    const error = await failure(async () => {
      for await (const { ids } of books.exportAll?.({ batchSize: 100 }) ?? []) seen.push(...ids);
    });
    expect(error.code).toBe('expired');
    expect(seen).toEqual(idsUpTo(seen.length));
  });

  it('comes through bursts of 429 and 503', async () => {
    const { fake, books } = await seeded(COUNT);
    fake.fault = ({ number, operation }) => {
      if (operation === 'fetch' && number % 3 !== 0) return BUSY;
      return operation === 'list' && number % 2 === 0 ? { ...BUSY, status: 503 } : undefined;
    };
    expect(idsOf(await exported(books))).toEqual(idsUpTo(COUNT));
  });

  it('gives up when the server stays away, and gives nothing twice before', async () => {
    const { fake, books } = await seeded(COUNT);
    let lists = 0;
    fake.fault = ({ operation }) => {
      if (operation === 'list') lists += 1;
      return lists > 4 ? { status: 503, body: 'upstream connect error' } : undefined;
    };
    const seen: string[] = [];
    const error = await failure(async () => {
      for await (const { ids } of books.exportAll?.({ batchSize: 50 }) ?? []) seen.push(...ids);
    });
    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(/503: upstream connect error/);
    expect(seen).toEqual(idsUpTo(seen.length));
  });

  it('reads again what a cut connection or a truncated body lost', async () => {
    const { fake, books } = await seeded(COUNT);
    const [list, fetch, another] = [nth('list', 2), nth('fetch', 3), nth('fetch', 5)];
    fake.fault = (request) => {
      if (list(request)) return { cutAfter: 40 };
      if (fetch(request)) return { cutAfter: 1000 };
      return another(request) ? { cutAfter: 0 } : undefined;
    };
    expect(idsOf(await exported(books))).toEqual(idsUpTo(COUNT));
  });

  it('ends in an error when a whole answer is not whole JSON', async () => {
    const { fake, books } = await seeded(COUNT);
    const third = nth('fetch', 3);
    fake.fault = (request) =>
      third(request) ? { alter: (reply) => ({ ...reply, body: reply.body.slice(0, -200) }) } : undefined;
    expect((await failure(async () => exported(books))).code).toBe('corrupt-data');
  });

  it('gives a collection that changes while it is read: every point that stayed once, and none twice', async () => {
    const { fake, books } = await seeded(2000, {}, { parallel: '1' });
    const seen: string[] = [];
    for await (const { ids } of books.exportAll?.({ batchSize: 100 }) ?? []) {
      if (seen.length === 0) {
        fake.remove('books', idsUpTo(2000).slice(1500, 1620));
        fake.seed('books', [
          { ...record(0), id: 'r01800a' },
          { ...record(0), id: 'a-new-one' },
        ]);
      }
      seen.push(...ids);
    }
    const gone = new Set(idsUpTo(2000).slice(1500, 1620));
    expect(seen).toEqual([...idsUpTo(2000).filter((id) => !gone.has(id)), 'r01800a'].toSorted());
  });

  it('leaves out what is deleted between listing and fetching', async () => {
    const { fake, books } = await seeded(300);
    const second = nth('fetch', 2);
    fake.fault = (request) => {
      if (second(request)) fake.remove('books', idsUpTo(150).slice(140));
      return undefined;
    };
    expect(idsOf(await exported(books))).toEqual(idsUpTo(300).filter((_, n) => n < 140 || n >= 150));
    expect(fake.requests.filter(({ query }) => query.has('prefix')).length).toBe(10);
  });

  it('waits for a point that is listed and not yet given', async () => {
    const { fake, books } = await seeded(250);
    const first = nth('fetch', 1);
    fake.fault = (request) => {
      if (!first(request)) return undefined;
      return {
        alter: (reply) => {
          const body = JSON.parse(reply.body) as { vectors: Record<string, unknown> };
          delete body.vectors[recordId(7)];
          return { ...reply, body: JSON.stringify(body) };
        },
      };
    };
    expect(idsOf(await exported(books))).toEqual(idsUpTo(250));
  });

  it('ends in an error when a point stays listed and is never given', async () => {
    const { fake, books } = await seeded(250, {}, { settleTimeout: '250' });
    fake.fault = ({ operation }) =>
      operation === 'fetch'
        ? {
            alter: (reply) => {
              const body = JSON.parse(reply.body) as { vectors: Record<string, unknown> };
              delete body.vectors[recordId(120)];
              return { ...reply, body: JSON.stringify(body) };
            },
          }
        : undefined;
    const seen: string[] = [];
    const error = await failure(async () => {
      for await (const { ids } of books.exportAll?.({ batchSize: 50 }) ?? []) seen.push(...ids);
    });
    expect(error.code).toBe('incomplete');
    expect(error.message).toMatch(/lists 1 records that it does not give: 'r00120'/);
    expect(seen).toEqual(idsUpTo(100));
  });

  it.each<[string, string, string, RegExp]>([
    ['gives a record that was not asked for', '"r00003":', '"other":', /'other', which was not asked for/],
    ['gives another record in the place of one', '"id":"r00003"', '"id":"r00004"', /'r00004' in the place of 'r00003'/],
    ['gives a record twice', '"r00003":', '"r00002":', /'r00002' twice/],
    ['leaves out a value', '"values":[4,', '"values":[', /3 values for 'r00003'/],
    ['adds sparse values', '"values":[4,', '"sparseValues":{"indices":[1],"values":[1]},"values":[4,', /sparse values/],
  ])('ends in an error when it %s', async (_, from, to, message) => {
    const { fake, books } = await seeded(20);
    fake.fault = ({ operation }) =>
      operation === 'fetch' ? { alter: (reply) => ({ ...reply, body: reply.body.replace(from, to) }) } : undefined;
    const error = await failure(async () => exported(books));
    expect(['provider-error', 'corrupt-data', 'not-supported']).toContain(error.code);
    expect(error.message).toMatch(message);
  });
});

describe('leaving a full read', () => {
  it('stops its requests', async () => {
    const { fake, books } = await seeded(3000);
    for await (const batch of books.exportAll?.({ batchSize: 10 }) ?? []) {
      expect(batch.ids.length).toBe(10);
      break;
    }
    const asked = fake.requests.length;
    await books.count(undefined, {});
    expect(fake.requests.length).toBe(asked + 1);
    expect(asked).toBeLessThan(30);
  });

  it('throws the reason of an abort while the server keeps it waiting', async () => {
    const { fake, books } = await seeded(300);
    const controller = new AbortController();
    const reason = new Error('enough');
    fake.fault = ({ operation }) => {
      if (operation !== 'fetch') return undefined;
      controller.abort(reason);
      return { wait: new Promise(() => {}) };
    };
    await expect(exported(books, { signal: controller.signal })).rejects.toBe(reason);
  });
});
