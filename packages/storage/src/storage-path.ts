import { StorageError } from './storage-error.js';

/** Longest name of a file that `put` accepts, in UTF-8 bytes: leaves room for the temporary name beside it. */
const MAX_NAME_BYTES = 150;

/** Names of lock files. They are never listed, and `put` refuses them. */
const LOCK_NAME = /(^|\.)lock$/;

/** @throws StorageError `invalid-path` unless `path` is the canonical name of a file below the root. */
export function checkPath(path: string): void {
  const reason = pathFault(path);
  if (reason !== undefined) refuse(path, reason);
}

/**
 * Like {@link checkPath}, for a prefix: it may be empty, or end within a name. So its last part is
 * only the start of names, and may be `.`, while the folders before it must be canonical.
 */
export function checkPrefix(prefix: string): void {
  const cut = prefix.lastIndexOf('/');
  const folders = cut < 0 ? undefined : pathFault(prefix.slice(0, cut) || '/');
  const reason = folders ?? characterFault(prefix);
  if (reason !== undefined) refuse(prefix, reason);
}

/** {@link checkPath}, and the name must be one that a finished file can have. */
export function checkNewFile(path: string): void {
  checkPath(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isLockName(name)) refuse(path, 'a name that is "lock" or ends in ".lock" is kept for locks');
  if (isTemporaryName(name)) refuse(path, 'the name is one of those kept for files that are being written');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) refuse(path, `its name is longer than ${MAX_NAME_BYTES} bytes`);
}

/** {@link checkPath}, and the name must be one that listings know to be a lock. */
export function checkLockFile(path: string): void {
  checkPath(path);
  if (!isLockName(path.slice(path.lastIndexOf('/') + 1))) refuse(path, 'the path of a lock must end in ".lock"');
}

/** Whether a file of this name is a lock, and so no file of the storage's user. */
export function isLockName(name: string): boolean {
  return LOCK_NAME.test(name);
}

/** Whether a file of this name is being written, or was when its writer died. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && /\.[0-9a-f]{16}\.(tmp|claim)$/.test(name);
}

function pathFault(path: string): string | undefined {
  if (path === '') return 'it is empty';
  const fault = characterFault(path);
  if (fault !== undefined) return fault;
  if (path.startsWith('/')) return 'it is absolute';
  const parts = path.split('/');
  if (parts.includes('')) return 'it has an empty part';
  return parts.some((part) => part === '.' || part === '..') ? 'it has a part "." or ".."' : undefined;
}

function characterFault(path: string): string | undefined {
  if (path.includes('\0')) return 'it holds a NUL character';
  if (path.includes('\\')) return 'it holds a backslash; folders are parted by "/"';
  return path.isWellFormed() ? undefined : 'it is not valid Unicode';
}

function refuse(path: string, reason: string): never {
  throw new StorageError('invalid-path', `The path ${JSON.stringify(path)} was refused: ${reason}.`, path);
}
