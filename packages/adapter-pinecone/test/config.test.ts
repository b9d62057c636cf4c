import { describe, expect, it } from '@jest/globals';
import { adapter } from '@vecport/adapter-pinecone';

describe('URLs', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['pinecone://books', 'books', undefined],
    ['pinecone:books', 'books', undefined],
    ['PINECONE://books/', 'books', undefined],
    ['pinecone://books#red%20%23', 'books', 'red #'],
    ['pinecone:books#a#b', 'books', 'a#b'],
    ['pinecone:', undefined, undefined],
    ['pinecone://books#', 'books', undefined],
  ])('%s', (url, collection, tenant) => {
    expect(adapter.parseUrl(url)).toEqual({
      settings: {},
      ...(collection !== undefined && { collection }),
      ...(tenant !== undefined && { tenant }),
    });
  });

  it.each(['pinecone://key@books', 'pinecone://host:443/books', 'pinecone://books?key=a', 'pinecone:%zz'])(
    '%s is refused',
    (url) => {
      expect(() => adapter.parseUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    },
  );

  it('marks the key as a secret', () => {
    expect(adapter.settings.find(({ name }) => name === 'apiKey')).toMatchObject({
      secret: true,
      env: ['PINECONE_API_KEY'],
    });
  });
});
