import { StorageError, type StorageErrorCode } from './storage-error.js';

interface Meaning {
  readonly code: StorageErrorCode;
  /** What happened and what to do, after the path. */
  readonly text: string;
}

const FULL: Meaning = { code: 'full', text: 'no space is left there. Free some space or choose another folder.' };
const FORBIDDEN: Meaning = {
  code: 'forbidden',
  text: 'this user may not do that there. Change the permissions or choose another folder.',
};
const WRONG_KIND = 'a file stands where a folder is needed, or a folder where a file is. Choose another path.';
const BUSY: Meaning = { code: 'unavailable', text: 'it cannot be reached now. Try again later.' };
const NO_HANDLES: Meaning = {
  code: 'unavailable',
  text: 'too many files are open. Raise the limit (ulimit -n) or work on fewer at once.',
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: { code: 'full', text: 'the quota is used up. Free some space or choose another folder.' },
  EFBIG: {
    code: 'full',
    text: 'a file of this size is not allowed there. Raise the limit (ulimit -f) or choose another disk.',
  },
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: { code: 'forbidden', text: 'the file system is read-only. Choose another folder.' },
  ENOENT: { code: 'not-found', text: 'there is no such file. Check the path.' },
  ENOTDIR: { code: 'invalid-path', text: WRONG_KIND },
  EISDIR: { code: 'invalid-path', text: WRONG_KIND },
  EEXIST: { code: 'invalid-path', text: WRONG_KIND },
  ENOTEMPTY: { code: 'invalid-path', text: WRONG_KIND },
  ENAMETOOLONG: { code: 'invalid-path', text: 'the path is too long for this disk. Choose a shorter one.' },
  ELOOP: { code: 'invalid-path', text: 'its symbolic links lead in a circle, or one was put in its place.' },
  EBUSY: BUSY,
  ESTALE: BUSY,
  ETIMEDOUT: BUSY,
  EMFILE: NO_HANDLES,
  ENFILE: NO_HANDLES,
};

/** A `StorageError` for what the file system threw. `action` is a verb with its object's place: `write to`. */
export function fsError(error: unknown, action: string, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = errorCode(error);
  const { code: kind, text } = MEANINGS[code] ?? {
    code: 'io' as const,
    text: `${String(error)}. Check the disk and try again.`,
  };
  return new StorageError(kind, `Cannot ${action} ${path}: ${text}`, path, error);
}

/**
 * Run a step of an operation; what the file system throws comes out as a `StorageError`, the abort
 * reason of `signal` as it is.
 */
export async function attempt<T>(
  action: string,
  path: string,
  step: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw error;
    throw fsError(error, action, path);
  }
}

/** `ENOENT` and the like; empty where there is none. */
export function errorCode(error: unknown): string {
  // Not `instanceof Error`: in a vm context (jest), the system's errors come from another realm.
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known && typeof error.code === 'string' ? error.code : '';
}

/** Whether the error says that there is no file of this path. */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
