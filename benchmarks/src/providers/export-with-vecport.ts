import { setFlagsFromString } from 'node:v8';
import { exportAll, type IVectorSearchRepository } from '@vecport/abstractions';
import { createHost } from '@vecport/core';
import { localStorage } from '@vecport/storage';
import { exportDataset, openCollection } from '@vecport/transfer';
import type { Place } from '../clients/client.js';
import type { Work } from '../report.js';

/** The environment the command `vecport` gives itself, see its keep-memory-flat.ts. */
export const VECPORT_ENV: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 21),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 23),
  MALLOC_ARENA_MAX: '2',
};

/** How a process is begun that does what the command does. */
export const VECPORT_SETTINGS = {
  env: VECPORT_ENV,
  options: ['--initial-old-space-size=64', '--single-threaded-gc'],
};

/** Adapters by the provider's name; one is imported alone, so that no other is in the memory that is measured. */
const ADAPTERS = {
  elastic: async () => (await import('@vecport/adapter-elastic')).elastic(),
  lancedb: async () => (await import('@vecport/adapter-lancedb')).lancedb(),
  milvus: async () => (await import('@vecport/adapter-milvus')).milvus(),
  pgvector: async () => (await import('@vecport/adapter-pgvector')).pgvector(),
  pinecone: async () => (await import('@vecport/adapter-pinecone')).pinecone(),
  qdrant: async () => (await import('@vecport/adapter-qdrant')).qdrant(),
  weaviate: async () => (await import('@vecport/adapter-weaviate')).weaviate(),
};

/** What is opened, as the command line opens it: every tenant of the collection, or the one that is all of it. */
export interface OpenedSource {
  readonly repositories: readonly IVectorSearchRepository[];
  readonly provider: string;
}

/** Open the place for the time of the work, in a process with the settings of the command `vecport`. */
export async function withSource<T>(place: Place, use: (source: OpenedSource) => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1');
  const { storeUrl, settings, collection } = place;
  const adapter = ADAPTERS[place.client as keyof typeof ADAPTERS];
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [await adapter()] });
  try {
    const store = await host.catalog.open(storeUrl, { settings });
    return await use({ repositories: await openCollection(store, collection), provider: store.provider });
  } finally {
    await host.close();
  }
}

/** A whole export into a folder: plan, parts, digests, manifest. */
export function exportWork({ repositories, provider }: OpenedSource, folder: string): Work {
  return async () => {
    const { manifest } = await exportDataset({
      repositories,
      source: { provider },
      storage: localStorage(folder),
      id: 'benchmark',
      tool: { name: 'benchmark', version: '0' },
    });
    const parts = manifest.collections.flatMap((collection) => collection.parts);
    return {
      rows: parts.reduce((sum, { rows }) => sum + rows, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  };
}

/** Reading alone: every batch is taken and dropped. */
export function readWork({ repositories }: OpenedSource): Work {
  return async () => {
    let rows = 0;
    for (const repository of repositories) for await (const { ids } of exportAll(repository)) rows += ids.length;
    return { rows };
  };
}
