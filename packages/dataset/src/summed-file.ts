import { createHash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import type { StorageWriter } from '@vecport/storage';
import type { ByteSink } from './part-codec.js';

/** A file being written whose size is checked when it ends. */
export interface SizedFile {
  readonly sink: ByteSink;
  /**
   * Make it visible.
   * @throws VecportError `storage` when it does not have `bytes` bytes.
   */
  commit(bytes: number): Promise<void>;
  abort(): Promise<void>;
}

/** A file being written whose checksum and size are known when it ends. */
export interface SummedFile extends Omit<SizedFile, 'commit'> {
  /** As that of a {@link SizedFile}; gives its SHA-256. */
  commit(bytes: number): Promise<string>;
}

/** Counts what goes into a file. `path` is for messages only. */
export function createSizedFile(file: StorageWriter, path: string): SizedFile {
  let size = 0;
  const assertSize = (found: number, expected: number): void => {
    if (found === expected) return;
    throw new VecportError('storage', `The file ${path} has ${found} bytes where ${expected} were written.`);
  };
  return {
    sink: async (chunks) => {
      for (const { length } of chunks) size += length;
      await file.write(chunks);
    },
    commit: async (bytes) => {
      assertSize(size, bytes);
      assertSize((await file.commit()).size, bytes);
    },
    abort: async () => file.abort(),
  };
}

/** Sums up what goes into a file. `path` is for messages only. */
export function createSummedFile(file: StorageWriter, path: string): SummedFile {
  const sum = createHash('sha256');
  const { sink, commit, abort } = createSizedFile(file, path);
  return {
    sink: async (chunks) => {
      for (const chunk of chunks) sum.update(chunk);
      await sink(chunks);
    },
    commit: async (bytes) => {
      await commit(bytes);
      return sum.digest('hex');
    },
    abort,
  };
}
