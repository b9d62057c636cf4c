import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';

interface Kind {
  readonly code: ErrorCode;
  readonly advice: string;
}

const DAMAGED: Kind = { code: 'corrupt-data', advice: 'Remove the folder; a cache can be filled again.' };
const REFUSED: Kind = {
  code: 'forbidden',
  advice: 'Check that this user may read and write the folder and its files.',
};
const BUSY: Kind = { code: 'unavailable', advice: 'Another process is writing; try again.' };
const OTHER: Kind = {
  code: 'storage',
  advice: 'Check that the disk is not full and that the folder is on a local disk.',
};

/** By the primary result codes of SQLite (sqlite.org/rescode.html). */
const BY_RESULT: ReadonlyMap<number, Kind> = new Map([
  // SQLITE_ERROR: the statements are right, so that the tables are not those they were written for.
  [1, DAMAGED],
  // SQLITE_PERM
  [3, REFUSED],
  // SQLITE_BUSY
  [5, BUSY],
  // SQLITE_READONLY
  [8, REFUSED],
  // SQLITE_CORRUPT
  [11, DAMAGED],
  // SQLITE_NOTADB
  [26, DAMAGED],
]);

/** By the codes of Node. */
const BY_CODE: ReadonlyMap<unknown, Kind> = new Map([
  ['EACCES', REFUSED],
  ['EPERM', REFUSED],
  ['EROFS', REFUSED],
  // A stored integer larger than any that is written.
  ['ERR_OUT_OF_RANGE', DAMAGED],
]);

/**
 * Run a step; what SQLite or the file system throws comes out as a `VecportError`: `corrupt-data`,
 * `forbidden`, `unavailable` when another process writes for too long, or else `storage`.
 */
export async function guard<T>(folder: string, action: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (isVecportError(error)) throw error;
    const { code, advice } = kindOf(error);
    const reason = `Cannot ${action} the embedding cache in ${folder}: ${describe(error)}.`;
    throw new VecportError(code, reason, { advice, cause: error });
  }
}

/** Whether SQLite met the lock of another connection. */
export function isBusy(error: unknown): boolean {
  return kindOf(error) === BUSY;
}

function kindOf(error: unknown): Kind {
  if (typeof error !== 'object' || error === null) return OTHER;
  // The low byte of an extended result code is the primary one.
  if ('errcode' in error && typeof error.errcode === 'number') return BY_RESULT.get(error.errcode & 0xff) ?? OTHER;
  return ('code' in error && BY_CODE.get(error.code)) || OTHER;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
