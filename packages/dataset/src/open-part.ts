import type { VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { createPartWriter } from './create-part-writer.js';
import type { PartEntry } from './manifest.js';
import { createOneEnding } from './one-ending.js';
import type { ByteSink, PartSchema } from './part-codec.js';
import { createPartEncoder } from './part-encoder.js';
import type { PartEncoding } from './part-encoding.js';
import type { PartThreads } from './part-threads.js';
import { type PartPlace, partPath } from './paths.js';
import { withVecportErrors } from './storage-errors.js';
import { createSizedFile, type SizedFile } from './summed-file.js';
import type { RefusedListener } from './take-carriable.js';

/** Which part to write, and how. */
export interface PartTarget extends PartPlace {
  readonly schema: PartSchema;
  /** Where the file goes, if it is not named as a part is. */
  readonly path?: string | undefined;
  readonly encoding: PartEncoding;
  /** Do the work of encoding there, and not in this thread. The file is the same. */
  readonly threads?: PartThreads | undefined;
  /** Honoured before and between writes; the abort reason is thrown unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/** A part being written. It ends in `commit` or in `abort`, whatever happened in between. */
export interface OpenPart {
  /** Relative to the dataset. */
  readonly path: string;
  /** Rows so far. */
  readonly rows: number;
  /**
   * Append. The batch may be reused when it resolves. After an error only `abort` is left. With `onRefused` points that
   * no part can carry are left out and told, instead of being an error: see `takeCarriable`. With `threads` what is wrong,
   * or refused, may be told by a later call.
   * @throws VecportError `dimension-mismatch` or `invalid-argument` when the batch does not fit the
   * schema, `corrupt-data` for metadata that is not JSON, and what the storage has to say.
   */
  write(batch: VectorBatch, onRefused?: RefusedListener): Promise<void>;
  /** Every batch is taken when it resolves, and all that was refused is told. */
  settle(): Promise<void>;
  /**
   * Make the part durable and visible under its name, whole and at once. Replaces an older one of
   * this name. When it fails nothing is visible, and nothing is left to abort.
   */
  commit(): Promise<PartEntry>;
  /** Leave nothing behind. Does nothing after `commit` or `abort`. */
  abort(): Promise<void>;
}

/**
 * Start a part of a dataset. Checksum, size and digest are computed while it is written: it need not
 * be read again.
 * @throws VecportError `invalid-argument` for a name, number or schema that cannot be written.
 */
export async function openPart(storage: Storage, target: PartTarget): Promise<OpenPart> {
  const { signal, encoding, schema, threads } = target;
  signal?.throwIfAborted();
  const path = target.path ?? partPath(target);
  // Made before the file is: a schema that is refused leaves nothing open.
  const put: ByteSink = async (chunks) => file.sink(chunks);
  const threaded = threads?.open(schema, encoding, put);
  const encoder = threaded ?? createPartEncoder((sink) => createPartWriter(schema, encoding, sink), put);
  const file = await beginFile(storage, path, signal).catch(async (error: unknown) => {
    await threaded?.drop();
    throw error;
  });
  const undo = async (): Promise<void> => {
    await threaded?.drop();
    await file.abort();
  };
  const ending = createOneEnding(`The part ${path}`, undo, signal);
  return {
    path,
    get rows() {
      return encoder.rows;
    },
    write: async (batch, onRefused) => ending.step(async () => encoder.write(batch, onRefused)),
    settle: async () => ending.step(async () => encoder.settle()),
    commit: async () =>
      ending.last(async () => {
        const { rows, bytes, minId, maxId, lines, sha256, digest } = await encoder.finish();
        signal?.throwIfAborted();
        await file.commit(bytes);
        const { tenant, slice, index } = target;
        return { path, tenant, slice, index, rows, bytes, sha256, minId, maxId, digest, lines };
      }),
    abort: ending.abort,
  };
}

async function beginFile(storage: Storage, path: string, signal: AbortSignal | undefined): Promise<SizedFile> {
  return createSizedFile(await withVecportErrors(storage).put(path, { signal }), path);
}
