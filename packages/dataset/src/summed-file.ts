import { createHash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import type { StorageWriter } from '@vecport/storage';
import type { ByteSink } from './part-codec.js';

/** A file being written whose checksum and size are known when it ends. */
export interface SummedFile {
  readonly sink: ByteSink;
  /**
   * Make it visible; gives its SHA-256.
   * @throws VecportError `storage` when it does not have `bytes` bytes.
   */
  commit(bytes: number): Promise<string>;
  abort(): Promise<void>;
}

/** Sums up what goes into a file. `path` is for messages only. */
export function createSummedFile(file: StorageWriter, path: string): SummedFile {
  const sum = createHash('sha256');
  let size = 0;
  const assertSize = (found: number, expected: number): void => {
    if (found === expected) return;
    throw new VecportError('storage', `The file ${path} has ${found} bytes where ${expected} were written.`);
  };
  return {
    sink: async (chunks) => {
      for (const chunk of chunks) {
        sum.update(chunk);
        size += chunk.length;
      }
      await file.write(chunks);
    },
    commit: async (bytes) => {
      assertSize(size, bytes);
      assertSize((await file.commit()).size, bytes);
      return sum.digest('hex');
    },
    abort: async () => file.abort(),
  };
}
