export * from './create-export-client.js';
export type { CallOptions, ClientOptions } from './exchange.js';
export * from './export-service-error.js';
export type { EventOptions } from './follow-events.js';
export type * from './types.js';
