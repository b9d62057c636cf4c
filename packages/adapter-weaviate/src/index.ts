export { adapter } from './adapter.js';
export { type WeaviateOptions, weaviate } from './module.js';
