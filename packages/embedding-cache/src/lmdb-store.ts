import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { isVecportError, VecportError } from '@vecport/abstractions';
import type { Database, RootDatabase } from 'lmdb';

/** The tables of a cache. */
export interface LmdbStore {
  readonly root: RootDatabase<Buffer, Buffer>;
  /** Embeddings by `recordKey`. */
  readonly embeddings: Database<Buffer, Buffer>;
  /** Model records by the UTF-8 of their ids. */
  readonly models: Database<Buffer, Buffer>;
}

/** Codes LMDB has for files it cannot make sense of (lmdb.h: PAGE_NOTFOUND, CORRUPTED, VERSION_MISMATCH, INVALID). */
const CORRUPT: ReadonlySet<unknown> = new Set([-30797, -30796, -30794, -30793]);

/** What starts an LMDB file, at this place: `MDB_MAGIC` of the meta page. */
const MAGIC = { offset: 24, value: 0xbeefc0de };

/** Open or make the store in a folder. The native library is loaded now, not before. */
export async function openStore(folder: string): Promise<LmdbStore> {
  await guard(folder, 'open', async () => mkdir(folder, { recursive: true }));
  await checkFile(folder);
  const lmdb = await import('lmdb');
  return guard(folder, 'open', async () => {
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    const root = lmdb.open<Buffer, Buffer>({
      ...binary,
      path: folder,
      // Else a folder with a dot in its name would become a file.
      noSubdir: false,
      // A commit is on disk when it returns, not some time later.
      overlappingSync: false,
    });
    // The version of the layout is part of the names: another one finds its own tables empty.
    return {
      root,
      embeddings: root.openDB<Buffer, Buffer>('vecport-embeddings-1', binary),
      models: root.openDB<Buffer, Buffer>('vecport-models-1', binary),
    };
  });
}

/** Run a step; what LMDB or the file system throws comes out as a `VecportError`. */
export async function guard<T>(folder: string, action: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (isVecportError(error)) throw error;
    throw storeError(folder, action, error);
  }
}

function storeError(folder: string, action: string, cause: unknown): VecportError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (CORRUPT.has(code)) return corruptStore(folder, cause);
  return new VecportError('storage', `Cannot ${action} the embedding cache in ${folder}: ${String(cause)}.`, {
    advice: 'Check that the disk is not full and that this user may write there.',
    cause,
  });
}

/** LMDB maps a file it is given and may crash the process over one that is not its own. */
async function checkFile(folder: string): Promise<void> {
  const head = await guard(folder, 'open', async () => readHead(join(folder, 'data.mdb')));
  if (head.length === 0) return;
  if (head.length < MAGIC.offset + 4 || head.readUInt32LE(MAGIC.offset) !== MAGIC.value) throw corruptStore(folder);
}

/** The first bytes of a file; none where it is empty or not there. */
async function readHead(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      return Buffer.alloc(0);
    throw error;
  }
}

function corruptStore(folder: string, cause?: unknown): VecportError {
  return new VecportError('corrupt-data', `The files of the embedding cache in ${folder} are damaged.`, {
    advice: 'Remove the folder; a cache can be filled again.',
    cause,
  });
}
