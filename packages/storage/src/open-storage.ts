import { fileURLToPath } from 'node:url';
import { localStorage } from './local-storage.js';
import { openObjectStorage } from './open-object-storage.js';
import type { StorageEnvironment } from './settings/read-settings.js';
import type { ObjectScheme } from './settings/storage-settings.js';
import type { Storage } from './storage.js';
import { StorageError } from './storage-error.js';

/** How a storage is opened. */
export interface OpenStorageOptions {
  /** Where settings and credentials are looked for; `process.env` unless it is given. */
  readonly environment?: StorageEnvironment | undefined;
}

const OBJECT_STORES: readonly string[] = ['s3', 'r2', 'supabase', 'gs', 'az'] satisfies ObjectScheme[];

/**
 * The storage a URL names: a path (relative to the working directory), a `file:` URL, or an object store as
 * `scheme://bucket/prefix?setting=value`, with what `STORAGE_SETTINGS` lists. Special characters of URLs are
 * percent-encoded. Touches neither disk nor network. Windows drive letters are paths.
 *
 * @throws StorageError `invalid-path` for other schemes, `invalid-setting` or `credentials` for what is missing. The
 * messages do not show what the URL may hold in the way of secrets.
 */
export function openStorage(url: string, options: OpenStorageOptions = {}): Storage {
  // One letter is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return localStorage(url);
  if (scheme === 'file') return localStorage(folderOfFileUrl(url));
  if (isObjectScheme(scheme)) return openObjectStorage(scheme, url, options.environment ?? process.env);
  const advice = `Give a path, a file: URL or one of ${OBJECT_STORES.join(':, ')}:; write a path that looks like a URL with ./ before it.`;
  throw new StorageError('invalid-path', `The scheme ${scheme}: is not known. ${advice}`, `${scheme}:`);
}

function isObjectScheme(scheme: string): scheme is ObjectScheme {
  return OBJECT_STORES.includes(scheme);
}

function folderOfFileUrl(url: string): string {
  if (/[?#]/.test(url)) throw badFileUrl(url, 'write ? as %3F and # as %23');
  try {
    const rest = url.slice('file:'.length);
    return rest.startsWith('/') ? fileURLToPath(url) : decodeURIComponent(rest);
  } catch (error) {
    throw badFileUrl(url, String(error), error);
  }
}

function badFileUrl(url: string, reason: string, cause?: unknown): StorageError {
  return new StorageError('invalid-path', `${url} is no file: URL of a folder: ${reason}.`, url, cause);
}
