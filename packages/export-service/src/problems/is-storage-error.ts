import type { StorageError } from '@vecport/storage';

/** Narrow an unknown thrown value to a `StorageError`, also across duplicate package copies. */
export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && error.name === 'StorageError';
}
