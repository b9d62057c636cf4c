import { batchBytes, type IVectorSearchRepository, type VectorBatch, type VectorId } from '@vecport/abstractions';

/** Points a request by ids asks for when nobody says how many. */
export const DEFAULT_RETRIEVE_BATCH = 100;

/** How points are got by their ids. */
export interface RetrieveOptions {
  /** Ids a request. */
  readonly size: number;
  /** Requests at the same time, at most. */
  readonly concurrent: number;
  /** Bytes their answers may have together, as far as earlier answers tell; one request is always made. */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The answer to one request. */
export interface Retrieved {
  /** Those that were there, in the order asked. */
  readonly batch: VectorBatch;
  /** Ids asked for, and those of them that were not there. */
  readonly asked: number;
  readonly missing: readonly VectorId[];
}

/**
 * The points with these ids, request by request in the order of the ids, several requests ahead. Leaving the loop
 * early aborts those that are on their way and waits for them.
 */
export async function* retrieveInOrder(
  repository: IVectorSearchRepository,
  ids: readonly VectorId[],
  { size, concurrent, maxBytes = Number.POSITIVE_INFINITY, signal }: RetrieveOptions,
): AsyncGenerator<Retrieved, void, undefined> {
  const left = new AbortController();
  const stop = signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]);
  const ahead: Promise<Retrieved>[] = [];
  let next = 0;
  let largest = 0;
  const hasRoom = (): boolean =>
    ahead.length === 0 || (ahead.length < concurrent && (ahead.length + 1) * largest <= maxBytes);
  const fill = (): void => {
    while (next < ids.length && hasRoom()) {
      const answer = retrieve(repository, ids.slice(next, next + size), stop);
      answer.catch(() => {});
      ahead.push(answer);
      next += size;
    }
  };
  try {
    fill();
    while (ahead[0] !== undefined) {
      const answer = await ahead[0];
      void ahead.shift();
      largest = Math.max(largest, batchBytes(answer.batch));
      fill();
      yield answer;
    }
  } finally {
    left.abort();
    await Promise.allSettled(ahead);
  }
}

async function retrieve(
  repository: IVectorSearchRepository,
  ids: readonly VectorId[],
  signal: AbortSignal,
): Promise<Retrieved> {
  const batch = await repository.get(ids, { signal });
  if (batch.ids.length === ids.length) return { batch, asked: ids.length, missing: [] };
  const there = new Set(batch.ids);
  return { batch, asked: ids.length, missing: ids.filter((id) => !there.has(id)) };
}
