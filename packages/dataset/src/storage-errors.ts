import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import type { Storage, StorageError, StorageErrorCode, StorageWriter } from '@vecport/storage';

interface Meaning {
  readonly code: ErrorCode;
  readonly advice?: string;
}

const MEANINGS: Readonly<Record<StorageErrorCode, Meaning>> = {
  'invalid-path': { code: 'invalid-argument' },
  'invalid-setting': { code: 'invalid-argument' },
  'not-found': { code: 'not-found' },
  'no-bucket': { code: 'not-found' },
  'not-installed': { code: 'not-supported' },
  credentials: { code: 'unauthorized' },
  expired: { code: 'unauthorized' },
  forbidden: { code: 'forbidden', advice: 'Check who may read and write there, or choose another place.' },
  full: {
    code: 'storage',
    advice: 'Free some space or choose another place; what was committed so far stays and can be resumed.',
  },
  locked: { code: 'conflict', advice: 'Wait until the other process is done.' },
  unavailable: { code: 'unavailable' },
  io: { code: 'storage' },
};

/**
 * What a storage threw, in the words of the rest of Vecport: a `StorageError` (also one of another
 * copy of the package) becomes a VecportError with it as its cause; anything else, an abort reason above all, is given back as it is.
 */
export function fromStorageError(error: unknown): unknown {
  if (isVecportError(error) || !isStorageError(error)) return error;
  const { code, advice } = MEANINGS[error.code];
  return new VecportError(code, error.message, { advice, cause: error });
}

/** The same storage, throwing VecportErrors; see {@link fromStorageError}. Of the writers it opens too. */
export function withVecportErrors(storage: Storage): Storage {
  return {
    kind: storage.kind,
    url: storage.url,
    put: async (path, options) => guardWriter(await guard(storage.put(path, options))),
    read: async (path, range, options) => guard(storage.read(path, range, options)),
    stream: (path, options) => guardEach(storage.stream(path, options)),
    head: async (path, options) => guard(storage.head(path, options)),
    list: (prefix, options) => guardEach(storage.list(prefix, options)),
    delete: async (path, options) => guard(storage.delete(path, options)),
    lock: async (path, options) => {
      const lock = await guard(storage.lock(path, options));
      return { release: async () => guard(lock.release()) };
    },
    sweep: async (prefix, options) => guard(storage.sweep(prefix, options)),
    within: (folder) => withVecportErrors(storage.within(folder)),
  };
}

function guardWriter(writer: StorageWriter): StorageWriter {
  return {
    write: async (chunks) => guard(writer.write(chunks)),
    commit: async () => guard(writer.commit()),
    abort: async () => guard(writer.abort()),
  };
}

async function guard<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw fromStorageError(error);
  }
}

async function* guardEach<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw fromStorageError(error);
  }
}

function isStorageError(error: unknown): error is StorageError {
  return (
    error instanceof Error &&
    error.name === 'StorageError' &&
    'code' in error &&
    Object.hasOwn(MEANINGS, String(error.code))
  );
}
