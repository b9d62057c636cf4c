// @ts-check
import { azureServer } from './kinds/azurite.js';
import { elasticsearchServer } from './kinds/elasticsearch.js';
import { gcsServer } from './kinds/fake-gcs.js';
import { milvusLiteNativeServer, milvusLitePythonServer, milvusServer } from './kinds/milvus.js';
import { postgresServer } from './kinds/postgres.js';
import { redisServer } from './kinds/redis.js';
import { s3Server } from './kinds/versitygw.js';
import { weaviateServer } from './kinds/weaviate.js';

/** Every server, those that take longest first. */
export const SERVERS = [
  weaviateServer('weaviate-1.39', '1.39.0'),
  weaviateServer('weaviate-1.35', '1.35.2'),
  elasticsearchServer('elastic-9', '9.5.3', { least: 21, most: 26 }),
  elasticsearchServer('elastic-9-secure', '9.5.3', { least: 21, most: 26 }, { secured: true }),
  elasticsearchServer('elastic-8', '8.19.21', { least: 17, most: 25 }),
  milvusServer('milvus-2.3', '2.3.5'),
  milvusLitePythonServer('milvus-lite-3', '3.2.2', '2.6.17'),
  milvusLiteNativeServer('milvus-lite-2.5', '2.5.1'),
  postgresServer('pgvector', '0.6.0'),
  s3Server('s3', '1.8.0', 's3'),
  s3Server('r2', '1.8.0', 'r2'),
  gcsServer('gcs', '1.56.1'),
  azureServer('azure', '3.37.0'),
  redisServer('redis', '7.0.15'),
];

/** Why some providers are not here. */
export const WITHOUT_SERVER = [
  'qdrant: no package registry has its server; npm test runs it over a fake that answers like recordings of one',
  'supabase: its storage speaks the protocol of s3, on which it is tested',
  'pinecone: it exists as a service only; npm test runs it over a fake that follows the published API',
];

/**
 * The servers of these names; all when there are none.
 * @param {readonly string[]} names
 */
export function pickServers(names) {
  const unknown = names.filter((name) => !SERVERS.some((server) => server.name === name));
  if (unknown.length > 0)
    throw new Error(
      `No server is named ${unknown.join(', ')}. There are: ${SERVERS.map(({ name }) => name).join(', ')}.`,
    );
  return names.length === 0 ? SERVERS : SERVERS.filter(({ name }) => names.includes(name));
}
