export * from './content-hash.js';
export * from './embedding-cache.js';
export * from './embedding-sink.js';
export * from './local-embedding-cache.js';
export * from './memory-embedding-cache.js';
export { openRedisEmbeddingCache, type RedisCacheOptions } from './redis-embedding-cache.js';
