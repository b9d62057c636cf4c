import { fileURLToPath } from 'node:url';
import { localStorage } from './local-storage.js';
import type { Storage } from './storage.js';
import { StorageError } from './storage-error.js';

/** Schemes of object stores: known, so that the refusal can say what they are. */
const OBJECT_STORES: ReadonlySet<string> = new Set(['s3', 'r2', 'supabase', 'gs', 'az']);

/**
 * The storage a URL names: a path (relative to the working directory), or a `file:` URL, whose
 * special characters are percent-encoded. Touches no disk. Windows drive letters are paths.
 *
 * @throws StorageError `invalid-path` for other schemes. Its message shows only the scheme, as a URL
 * may hold a secret.
 */
export function openStorage(url: string): Storage {
  // One letter is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return localStorage(url);
  if (scheme === 'file') return localStorage(folderOfFileUrl(url));
  const reason = OBJECT_STORES.has(scheme)
    ? `Object stores (${scheme}:) are not part of this version.`
    : `The scheme ${scheme}: is not known.`;
  const advice = 'Give a path or a file: URL; write a path that looks like a URL with ./ before it.';
  throw new StorageError('invalid-path', `${reason} ${advice}`, `${scheme}:`);
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
