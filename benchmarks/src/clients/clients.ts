import type { ProviderClient } from './client.js';

const CLIENTS: Readonly<Record<string, () => Promise<ProviderClient>>> = {
  elastic: async () => (await import('./elastic.js')).elasticClient,
  lancedb: async () => (await import('./lancedb.js')).lancedbClient,
  milvus: async () => (await import('./milvus.js')).milvusClient,
  pgvector: async () => (await import('./pgvector.js')).pgvectorClient,
  pinecone: async () => (await import('./pinecone.js')).pineconeClient,
  qdrant: async () => (await import('./qdrant.js')).qdrantClient,
  weaviate: async () => (await import('./weaviate.js')).weaviateClient,
};

/** The client of a provider; only this one is loaded, so that a process measured has no other in its memory. */
export async function clientOf(name: string): Promise<ProviderClient> {
  const load = CLIENTS[name];
  if (load === undefined) throw new Error(`There is no client '${name}'.`);
  return load();
}
