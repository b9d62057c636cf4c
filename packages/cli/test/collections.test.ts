import { describe, expect, it } from '@jest/globals';
import type { OpenStore } from '@vecport/core';
import { MEMORY_TRAITS } from '@vecport/testkit';
import { chooseCollections } from '../src/collections.js';

const { signal } = new AbortController();

function storeWith(names: readonly string[], defaultCollection?: string): OpenStore {
  const unused = async (): Promise<never> => {
    throw new Error('not used');
  };
  return {
    provider: 'memory',
    url: 'memory:x',
    defaultCollection,
    traits: MEMORY_TRAITS,
    multiTenant: true,
    tenants: async () => [],
    createTenant: unused,
    collections: async () => names.map((name) => ({ name })),
    repository: unused,
    create: unused,
    drop: unused,
    close: async () => {},
  };
}

describe('the collections of an export', () => {
  it('are those asked for, in that order', async () => {
    expect(await chooseCollections(storeWith(['a', 'b']), { collection: ['b', 'a'] }, signal)).toEqual(['b', 'a']);
  });

  it('are the one of the URL, also when it is named again', async () => {
    expect(await chooseCollections(storeWith(['a', 'b'], 'a'), { collection: [] }, signal)).toEqual(['a']);
    expect(await chooseCollections(storeWith(['a', 'b'], 'a'), { collection: ['a'] }, signal)).toEqual(['a']);
  });

  it('are all with --all', async () => {
    expect(await chooseCollections(storeWith(['a', 'b']), { collection: [], all: true }, signal)).toEqual(['a', 'b']);
  });

  it.each([
    ['none is named', storeWith(['a', 'b']), { collection: [] }, 'has: a, b.'],
    ['two are named', storeWith(['a', 'b'], 'a'), { collection: ['b'] }, "the collection 'a', --collection names 'b'"],
    ['all and one', storeWith(['a', 'b']), { collection: ['a'], all: true }, 'exclude each other'],
    ['all and the one of the URL', storeWith(['a'], 'a'), { collection: [], all: true }, 'exclude each other'],
  ])('are a matter of usage when %s', async (_case, store, choice, message) => {
    await expect(chooseCollections(store, choice, signal)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });

  it('are nothing in an empty store', async () => {
    await expect(chooseCollections(storeWith([]), { collection: [], all: true }, signal)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
