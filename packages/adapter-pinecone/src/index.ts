export { adapter } from './adapter.js';
export { type PineconeOptions, pinecone } from './module.js';
