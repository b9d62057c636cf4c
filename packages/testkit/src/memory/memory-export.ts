import {
  type ExportBatch,
  type ExportOptions,
  type Filter,
  type SlicePlan,
  selectFields,
  VecportError,
} from '@vecport/abstractions';
import type { MemoryState } from './memory-collection.js';
import { batchOfPoints, type MemoryPoint, type MemoryPoints } from './memory-points.js';
import { compareIds, pointMatches } from './memory-search.js';

/** A cursor: the snapshot and the last id given. */
type Position = readonly [version: number, lastId: string];
/** A slice: the snapshot and the ids `from` (included, `null`: the first) to `to` (excluded, `null`: the end). */
type Boundaries = readonly [version: number, from: string | null, to: string | null];

const DEFAULT_BATCH_SIZE = 100;

/** Every point of one snapshot in the order of ids. The snapshot is taken when the first batch is asked for. */
export async function* exportPoints(
  state: MemoryState,
  options: ExportOptions,
): AsyncGenerator<ExportBatch, void, undefined> {
  const { signal, batchSize = DEFAULT_BATCH_SIZE } = options;
  signal?.throwIfAborted();
  state.openCursors += 1;
  try {
    const { version, points } = plannedPoints(state, options);
    for (let start = 0; start < points.length; start += batchSize) {
      signal?.throwIfAborted();
      const page = points.slice(start, start + batchSize);
      const last: Position = [version, page.at(-1)?.id ?? ''];
      yield {
        ...batchOfPoints(
          page.map((point) => withFields(point, options.fields)),
          state.description,
        ),
        cursor: JSON.stringify(last),
        progress: { exported: start + page.length, total: points.length },
      };
    }
  } finally {
    state.openCursors -= 1;
  }
}

/** Slices of equal size by id, of the collection as it is now. */
export function planSlices(state: MemoryState, count: number, filter: Filter | undefined): SlicePlan {
  const version = pinSnapshot(state);
  const points = selectPoints(state.points, filter);
  const size = Math.max(1, Math.ceil(points.length / count));
  const starts = Array.from({ length: Math.ceil(points.length / size) }, (_, i) => i * size);
  return {
    slices: starts.map((start) => {
      const boundaries: Boundaries = [
        version,
        start === 0 ? null : (points[start]?.id ?? null),
        points[start + size]?.id ?? null,
      ];
      return { token: JSON.stringify(boundaries), points: Math.min(size, points.length - start) };
    }),
    consistency: 'snapshot',
    snapshot: String(version),
  };
}

function plannedPoints(
  state: MemoryState,
  { after, slice, filter }: ExportOptions,
): { version: number; points: MemoryPoint[] } {
  const boundaries = slice === undefined ? undefined : parseToken<Boundaries>(slice.token, 3);
  const position = after === undefined ? undefined : parseToken<Position>(after, 2);
  const version = position?.[0] ?? boundaries?.[0] ?? pinSnapshot(state);
  const snapshot = state.snapshots.get(version);
  if (snapshot === undefined)
    throw new VecportError('source-changed', `There is no snapshot ${version} of the collection.`);
  const [, from = null, to = null] = boundaries ?? [];
  const points = selectPoints(snapshot, filter).filter(
    ({ id }) =>
      (from === null || id >= from) && (to === null || id < to) && (position === undefined || id > position[1]),
  );
  return { version, points };
}

function pinSnapshot(state: MemoryState): number {
  state.snapshots.set(state.version, state.points);
  return state.version;
}

function selectPoints(points: MemoryPoints, filter: Filter | undefined): MemoryPoint[] {
  return [...points.values()].filter((point) => pointMatches(point, filter)).toSorted(compareIds);
}

function withFields(point: MemoryPoint, fields: readonly string[] | undefined): MemoryPoint {
  if (fields === undefined || point.metadataText === undefined) return point;
  return { ...point, metadataText: selectFields(point.metadataText, new Set(fields)) };
}

function parseToken<T extends readonly [number, ...unknown[]]>(token: string, length: number): T {
  try {
    const parsed: unknown = JSON.parse(token);
    if (Array.isArray(parsed) && parsed.length === length && typeof parsed[0] === 'number')
      return parsed as unknown as T;
  } catch {
    // Reported below like every other text that is not a token.
  }
  throw new VecportError('invalid-argument', `'${token}' was not made by this store.`);
}
