import { afterAll, expect, it } from '@jest/globals';
import type { AdapterDefinition } from '@vecport/abstractions';
import { createHost } from '@vecport/core';
import { adapterModule, memoryAdapter, removeTempFolders } from '@vecport/testkit';
import { configuredStores } from '../src/index.js';
import { request, startService } from './support/start-service.js';

afterAll(removeTempFolders);

const VECTORS = { default: { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' } } as const;

/** An adapter in memory under another name, whose collections cannot be read as a whole if `closed`. */
function adapterNamed(name: string, closed = false): AdapterDefinition {
  const memory = memoryAdapter();
  return {
    ...memory,
    name,
    schemes: [name],
    open: async (settings, options) => {
      const store = await memory.open(settings, options);
      if (!closed) return store;
      return {
        ...store,
        collection: async (...args) => {
          const { exportAll: _exportAll, slices: _slices, ...driver } = await store.collection(...args);
          return { ...driver, absent: { exportAll: 'It cannot list its points.', slices: 'Nor in slices.' } };
        },
      };
    },
  };
}

it('names the adapters that can, and those that are installed, when a provider cannot export', async () => {
  const modules = [adapterNamed('closed', true), adapterNamed('able'), adapterNamed('spare')].map((adapter) =>
    adapterModule(adapter),
  );
  const host = await createHost({ discover: false, envFile: false, env: {}, modules });
  const stores = configuredStores(host.catalog, { main: 'closed:main', other: 'able:other' });
  for (const name of stores.names) {
    const store = await stores.open(name);
    await store.create({ name: 'Article', vectors: VECTORS, idKinds: ['string'] });
    await store.repository('Article');
  }
  const service = await startService({ stores });
  try {
    const answer = await request(`${service.url}/v1/export/filesystem`, { method: 'POST', body: { id: 'a' } });
    expect(answer).toMatchObject({
      status: 501,
      json: {
        code: 'not-supported',
        detail:
          "closed cannot export 'Article': It cannot list its points. Adapters that can: able. " +
          'Installed too, and asked when a store is configured for them: spare.',
        alternatives: ['able'],
      },
    });
  } finally {
    await service.close();
    await host.close();
  }
});
