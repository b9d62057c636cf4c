import { type ByteRange, type Storage, StorageError, type StorageErrorCode } from '@vecport/storage';

/** A storage in memory whose files a test can look at, damage and make fail. */
export interface MemoryStorage extends Storage {
  readonly files: Map<string, Buffer>;
  /** Paths of files that were opened for writing and neither committed nor aborted. */
  readonly open: Set<string>;
  /** Every call that names this path, or writes to it, fails with this code. */
  fail(path: string, code: StorageErrorCode): void;
}

export function memoryStorage(files = new Map<string, Buffer>(), root = ''): MemoryStorage {
  const open = new Set<string>();
  const failures = new Map<string, StorageErrorCode>();
  const check = (path: string): string => {
    const code = failures.get(path);
    if (code !== undefined) throw new StorageError(code, `The file ${path} is ${code}.`, path);
    return root + path;
  };
  const contentOf = (path: string): Buffer => {
    const content = files.get(check(path));
    if (content === undefined) throw new StorageError('not-found', `There is no file ${path}.`, path);
    return content;
  };
  const storage: MemoryStorage = {
    files,
    open,
    fail: (path, code) => failures.set(path, code),
    kind: 'memory',
    url: `memory:/${root}`,
    put: async (path) => {
      check(path);
      const chunks: Buffer[] = [];
      open.add(path);
      return {
        write: async (more) => {
          check(`${path}#write`);
          for (const chunk of more) chunks.push(Buffer.from(chunk));
        },
        commit: async () => {
          check(`${path}#commit`);
          open.delete(path);
          files.set(root + path, Buffer.concat(chunks));
          return { path, size: contentOf(path).length, modifiedAt: 0 };
        },
        abort: async () => {
          open.delete(path);
        },
      };
    },
    read: async (path, range?: ByteRange) => {
      const content = contentOf(path);
      if (range !== undefined && range.end > content.length)
        throw new StorageError('io', `${path} ends before ${range.end}.`, path);
      return Buffer.from(content.subarray(range?.start ?? 0, range?.end ?? content.length));
    },
    async *stream(path) {
      const content = contentOf(path);
      for (let at = 0; at < content.length; at += 1000) yield content.subarray(at, at + 1000);
    },
    head: async (path) => {
      const size = files.get(check(path))?.length;
      return size === undefined ? undefined : { path, size, modifiedAt: 0 };
    },
    async *list(prefix) {
      for (const [path, { length }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (path.startsWith(root + prefix)) yield { path: path.slice(root.length), size: length, modifiedAt: 0 };
      }
    },
    delete: async (path) => {
      files.delete(check(path));
    },
    lock: async (path) => {
      check(path);
      return { release: async () => {} };
    },
    sweep: async () => 0,
    within: (folder) => memoryStorage(files, `${root}${folder}/`),
  };
  return storage;
}
