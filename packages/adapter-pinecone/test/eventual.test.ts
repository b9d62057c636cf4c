import { describe, expect, it } from '@jest/globals';
import { adapter } from '@vecport/adapter-pinecone';
import { conformanceChecks, eventually, type FakePinecone, runConformance, startFakePinecone } from '@vecport/testkit';
import { exported, idsOf, idsUpTo, recordId, seeded, write } from './support/open-fake.js';

const points = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: recordId(n),
    embedding: Float32Array.of(n + 1, 1, 0, 0),
    metadata: { n },
  }));

describe('reads that lag behind writes', () => {
  it('come to see them, and say before that they may not', async () => {
    const { books } = await seeded(0, { lag: { fetch: 3, list: 5, query: 4, stats: 6 } });
    expect(books.traits.eventual).toEqual(['count', 'get', 'search', 'exportAll']);
    await write(books, points(50));
    expect(await books.count(undefined, {})).toBe(0);
    await eventually('they are counted', async () => (await books.count(undefined, {})) === 50);
    expect((await books.get(idsUpTo(50), {})).ids.length).toBe(50);
    expect(idsOf(await exported(books))).toEqual(idsUpTo(50));
  });

  it('do not lose a point that is listed before it can be fetched', async () => {
    const { books } = await seeded(20, { lag: { fetch: 12 } });
    await write(books, points(260).slice(20));
    expect(idsOf(await exported(books))).toEqual(idsUpTo(260));
  });

  it('do not stumble over a point that is deleted and still listed', async () => {
    const { books } = await seeded(260, { lag: { list: 12 } });
    await books.deleteMany(idsUpTo(260).slice(100, 103), {});
    expect(idsOf(await exported(books))).toEqual(idsUpTo(260).filter((_, n) => n < 100 || n >= 103));
  });
});

describe('a server whose negations do not match records without the field', () => {
  it('finds the same with every filter', async () => {
    let fake: FakePinecone | undefined;
    const outcomes = await runConformance(
      'pinecone',
      {
        adapter,
        settings: async () => {
          fake = await startFakePinecone({ negationsMatchMissing: false });
          return { apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0' };
        },
        cleanup: async () => fake?.close(),
        collectionName: (n) => `negations-${process.pid}-${n}`,
        filterRuns: 100,
        absent: {
          'count-filter': 'It does not count.',
          'text-order': 'It orders numbers only.',
          'filter: integers above 2^53 are compared exactly': 'They are refused.',
        },
      },
      conformanceChecks.filter(({ suite }) => suite === 'filter'),
    );
    expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(outcomes.filter(({ status }) => status === 'passed').length).toBeGreaterThan(14);
  });
});
