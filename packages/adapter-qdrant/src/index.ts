export { adapter } from './adapter.js';
export { type QdrantOptions, qdrant } from './module.js';
