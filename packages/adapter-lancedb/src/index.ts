export { adapter } from './adapter.js';
export { type LanceDbOptions, lancedb } from './module.js';
