export { adapter } from './adapter.js';
export { type ElasticOptions, elastic } from './module.js';
