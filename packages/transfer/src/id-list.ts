import { createHash } from 'node:crypto';
import {
  type IVectorSearchRepository,
  type Slice,
  type SlicePlan,
  VecportError,
  type VectorId,
} from '@vecport/abstractions';
import { type RetrieveOptions, retrieveInOrder } from './retrieve-in-order.js';
import { type FieldChoice, selectMetadata } from './select-metadata.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';

/** What a plan says about a list of ids. */
export interface IdListDigest {
  readonly count: number;
  /** SHA-256 of the ids, each as JSON text and a line feed. */
  readonly sha256: string;
}

const TOKEN = /^vecport:ids:(\d+)-(\d+)$/;

/** What a plan says about a list of ids, the order included. */
export function idListDigest(ids: readonly VectorId[]): IdListDigest {
  const hash = createHash('sha256');
  for (const id of ids) hash.update(`${JSON.stringify(id)}\n`);
  return { count: ids.length, sha256: hash.digest('hex') };
}

/** At most `slices` runs of ids, of the same size but for the last. */
export function planIdSlices(count: number, slices: number): SlicePlan {
  const size = Math.max(1, Math.ceil(count / slices));
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, at) => at * size);
  return {
    slices: starts.map((start) => ({ token: `vecport:ids:${start}-${Math.min(count, start + size)}` })),
    consistency: 'scan',
  };
}

/**
 * The points with the ids of a list, in its order; an id that is not there is `missing`. A cursor is the number of ids
 * of the slice that were asked for.
 */
export function idListSource(
  repository: IVectorSearchRepository,
  ids: readonly VectorId[],
  choice: FieldChoice,
  options: RetrieveOptions,
): TransferSource {
  return {
    read: ({ slice, after, signal }) => {
      const [start, end] = rangeOf(slice, ids.length);
      const done = Number(after ?? 0);
      return readIds(repository, ids.slice(start + done, end), choice, { ...options, signal }, done);
    },
  };
}

async function* readIds(
  repository: IVectorSearchRepository,
  ids: readonly VectorId[],
  choice: FieldChoice,
  options: RetrieveOptions,
  before: number,
): AsyncGenerator<SourceBatch, void, undefined> {
  let done = before;
  let exported = 0;
  for await (const { batch, asked, missing } of retrieveInOrder(repository, ids, options)) {
    done += asked;
    exported += batch.ids.length;
    yield { ...selectMetadata(batch, choice), cursor: String(done), progress: { exported }, missing };
  }
}

function rangeOf({ token }: Slice, count: number): readonly [start: number, end: number] {
  const [, start = Number.NaN, end = Number.NaN] = (TOKEN.exec(token) ?? []).map(Number);
  if (start >= 0 && start <= end && end <= count) return [start, end];
  throw new VecportError('corrupt-data', `'${token}' is not a slice of a list of ${count} ids.`);
}
