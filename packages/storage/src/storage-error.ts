/** Why a storage refused. `full`: no space or quota left; `locked`: another process holds the lock. */
export type StorageErrorCode = 'invalid-path' | 'not-found' | 'forbidden' | 'full' | 'locked' | 'unavailable' | 'io';

/** The only error a storage throws, but for abort reasons. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  /** Where, to be shown. */
  readonly path: string;

  constructor(code: StorageErrorCode, message: string, path: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}
