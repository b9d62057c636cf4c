export * from './local-storage.js';
export * from './open-storage.js';
export * from './storage.js';
export * from './storage-error.js';
