/**
 * Why a storage refused.
 *
 * - `invalid-path`: the path or URL is wrong, or too long for the store.
 * - `invalid-setting`: a setting of the store is missing or wrong.
 * - `not-found`: there is no such file.
 * - `no-bucket`: there is no such bucket or container.
 * - `not-installed`: the client package of the store is not there.
 * - `credentials`: there are none, or the store does not know them.
 * - `expired`: the credentials were good once.
 * - `forbidden`: who asks is known, and may not.
 * - `full`: no space or quota left.
 * - `locked`: another process holds the lock, or has taken it over.
 * - `unavailable`: not reached, or too busy, also after the retries.
 * - `io`: anything else, a file that changed while it was read among it.
 */
export type StorageErrorCode =
  | 'invalid-path'
  | 'invalid-setting'
  | 'not-found'
  | 'no-bucket'
  | 'not-installed'
  | 'credentials'
  | 'expired'
  | 'forbidden'
  | 'full'
  | 'locked'
  | 'unavailable'
  | 'io';

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
