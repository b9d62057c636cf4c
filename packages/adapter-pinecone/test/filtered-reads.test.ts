import { describe, expect, it } from '@jest/globals';
import { exported, failure, idsOf, idsUpTo, seeded } from './support/open-fake.js';

describe('a filtered read of a server that lies', () => {
  const filter = { op: 'gte', field: 'n', value: 100 } as const;

  it('gives what matches once, page by page, and goes on after any cursor', async () => {
    const { books } = await seeded(300);
    const batches = await exported(books, { filter, batchSize: 30 });
    expect(idsOf(batches).toSorted()).toEqual(idsUpTo(300).slice(100));
    const rest = await exported(books, { filter, batchSize: 17, after: batches[2]?.cursor });
    expect(idsOf(rest).toSorted()).toEqual(idsUpTo(300).slice(190));
  });

  it('ends in an error when a page comes twice', async () => {
    const { fake, books } = await seeded(300);
    let first = '';
    fake.fault = ({ operation, body }) => {
      if (operation !== 'fetch-by-metadata') return undefined;
      return {
        alter: (reply) => {
          first ||= reply.body;
          return body.includes('paginationToken')
            ? { ...reply, body: first.replace(/"next":"[^"]*"/, '"next":"other"') }
            : reply;
        },
      };
    };
    expect((await failure(async () => exported(books, { filter, batchSize: 30 }))).message).toMatch(/same page twice/);
  });

  it('ends in an error when tokens go in a circle', async () => {
    const { fake, books } = await seeded(300);
    let page = 0;
    fake.fault = ({ operation }) => {
      if (operation !== 'fetch-by-metadata') return undefined;
      page += 1;
      return { status: 200, body: `{"vectors":{},"pagination":{"next":"${page % 2 === 0 ? 'even' : 'odd'}"}}` };
    };
    expect((await failure(async () => exported(books, { filter }))).message).toMatch(/circle/);
  });

  it('says that the token of a cursor expired', async () => {
    const { fake, books } = await seeded(300);
    const batches = await exported(books, { filter, batchSize: 30 });
    fake.expireTokens();
    const error = await failure(async () => exported(books, { filter, batchSize: 30, after: batches[2]?.cursor }));
    expect(error.code).toBe('expired');
  });

  it('takes no cursor of another kind of read', async () => {
    const { books } = await seeded(300);
    const [batch] = await exported(books, { batchSize: 30 });
    expect((await failure(async () => exported(books, { filter, after: batch?.cursor }))).code).toBe(
      'invalid-argument',
    );
  });
});
