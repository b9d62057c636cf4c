export * from './local-storage.js';
export * from './open-storage.js';
export type { StorageEnvironment } from './settings/read-settings.js';
export { type ObjectScheme, STORAGE_SETTINGS, type StorageSetting } from './settings/storage-settings.js';
export * from './storage.js';
export * from './storage-error.js';
