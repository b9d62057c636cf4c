import {
  type CallOptions,
  type CollectionDescription,
  type CollectionDriver,
  FILTER_OPERATORS,
  type Filter,
  type VecportError,
  type VectorBatch,
  type VectorId,
  type VectorTraits,
  type WriteFailure,
} from '@vecport/abstractions';
import { exportPoints, planSlices } from './memory-export.js';
import { batchOfPoints, type MemoryPoint, type MemoryPoints, pointFromBatch } from './memory-points.js';
import { pointMatches, searchPoints } from './memory-search.js';

/** What the in-memory store says about itself: everything the contracts have. */
export const MEMORY_TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'snapshot',
  order: 'id',
  idKinds: ['u64', 'i64', 'uuid', 'string'],
  maxIdBytes: 1024,
  maxDimension: 65_536,
  vectorKinds: ['dense', 'sparse', 'multi'],
  elementTypes: ['float32'],
  metrics: ['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard'],
  normalizes: [],
  filterOperators: FILTER_OPERATORS,
  defaultBatchSize: 100,
  maxBatchSize: 100_000,
  maxWritePoints: 1000,
  maxWriteBytes: 64 * 1024 * 1024,
  maxTopK: 100_000,
});

/** Decides which points a store refuses to write. */
export type RefuseWrite = (point: MemoryPoint) => VecportError | undefined;

/** The state of one collection. */
export interface MemoryState {
  readonly description: CollectionDescription;
  points: MemoryPoints;
  /** Grows with every write. */
  version: number;
  /** Versions that a started export or a slice plan refers to, kept until the collection is dropped. */
  readonly snapshots: Map<number, MemoryPoints>;
  /** Exports that were started and neither finished nor left. */
  openCursors: number;
}

/** A driver over the state of a collection. */
export function memoryCollection(state: MemoryState, refuseWrite?: RefuseWrite): CollectionDriver {
  return {
    traits: Object.freeze({ ...MEMORY_TRAITS, idKinds: state.description.idKinds }),
    describe: async ({ signal }) => {
      signal?.throwIfAborted();
      return state.description;
    },
    count: async (filter: Filter | undefined, { signal }: CallOptions) => {
      signal?.throwIfAborted();
      return [...state.points.values()].filter((point) => pointMatches(point, filter)).length;
    },
    upsertMany: async (batch: VectorBatch, { signal }: CallOptions) => {
      signal?.throwIfAborted();
      return writePoints(state, batch, refuseWrite);
    },
    get: async (ids: readonly VectorId[], { signal }: CallOptions) => {
      signal?.throwIfAborted();
      const found = [...new Set(ids)].map((id) => state.points.get(id)).filter((point) => point !== undefined);
      return batchOfPoints(found, state.description);
    },
    deleteMany: async (ids: readonly VectorId[], { signal }: CallOptions) => {
      signal?.throwIfAborted();
      const gone = new Set(ids);
      replacePoints(state, new Map([...state.points].filter(([id]) => !gone.has(id))));
      return { accepted: ids.length, failed: [] };
    },
    search: async (query, { signal }) => {
      signal?.throwIfAborted();
      return searchPoints(state.points.values(), query, state.description);
    },
    exportAll: (options) => exportPoints(state, options),
    slices: async (count, { signal, filter }) => {
      signal?.throwIfAborted();
      return planSlices(state, count, filter);
    },
  };
}

function writePoints(state: MemoryState, batch: VectorBatch, refuseWrite: RefuseWrite | undefined) {
  const points = batch.ids.map((_, row) => pointFromBatch(batch, row, state.description));
  const failed: WriteFailure[] = [];
  const written = new Map(state.points);
  for (const point of points) {
    const refusal = refuseWrite?.(point);
    if (refusal === undefined) written.set(point.id, point);
    else failed.push({ id: point.id, code: refusal.code, reason: refusal.reason });
  }
  replacePoints(state, written);
  return { accepted: points.length - failed.length, failed };
}

function replacePoints(state: MemoryState, points: MemoryPoints): void {
  state.points = points;
  state.version += 1;
}
