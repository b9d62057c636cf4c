export { adapter } from './adapter.js';
export { type MilvusOptions, milvus } from './module.js';
