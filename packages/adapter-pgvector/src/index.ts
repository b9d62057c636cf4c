export { adapter } from './adapter.js';
export { type PgvectorOptions, pgvector } from './module.js';
