import {
  type CollectionDescription,
  type Filter,
  type IVectorSearchRepository,
  VecportError,
  type VectorBatch,
} from '@vecport/abstractions';
import { retrying } from './backoff.js';
import { isScored, type Neighbour, nearestPoints, type ScoredMetric } from './nearest-points.js';
import { sampleQueries } from './sample-queries.js';

/** How searches are compared. */
export interface ParityOptions {
  /** Points that are used as queries, for each vector of each collection or tenant. */
  readonly queries: number;
  /** Neighbours of each; 10 if not said. */
  readonly k?: number | undefined;
  /** Another number takes other points; 1 if not said. */
  readonly seed?: number | undefined;
  /** The smallest recall that is enough, 0 … 1; any is if not said. */
  readonly minRecall?: number | undefined;
}

/** What comparing the searches of one vector gave. */
export interface ParityReport {
  readonly collection: string;
  readonly tenant?: string | undefined;
  readonly vector: string;
  /** Points that were used: fewer than asked for where there are no more. */
  readonly queries: number;
  readonly k: number;
  /** Of the `k` nearest points that should be found, the share that was: on average, and of the worst query. 1 without queries. */
  readonly recall: number;
  readonly lowest: number;
  /** What should be found: the nearest of all points, or what the source's own search finds. */
  readonly truth: 'exact' | 'source';
}

/** What comparing searches gave. */
export interface SearchParity {
  readonly reports: readonly ParityReport[];
  /** Why a vector was not compared, one sentence each. */
  readonly notCompared: readonly string[];
  /** No recall is below the one asked for. */
  readonly ok: boolean;
}

/** A collection without tenants, or one tenant, whose searches are compared. */
export interface ParityUnit {
  readonly description: CollectionDescription;
  /** All points as they should be found; may be read several times. */
  points(): AsyncIterable<VectorBatch>;
  /** A store whose own search says what should be found; the nearest of all points if there is none. */
  readonly source?: IVectorSearchRepository | undefined;
  /** What of `source` was moved. */
  readonly filter?: Filter | undefined;
  readonly target: IVectorSearchRepository;
}

/**
 * Ask a source and a target for the neighbours of the same points. A point the target finds counts where the source
 * finds it too, or where it is as near as the farthest of those, so that points of equal distance are no difference.
 */
export async function compareSearches(
  units: readonly ParityUnit[],
  options: ParityOptions,
  signal: AbortSignal | undefined,
): Promise<SearchParity> {
  const { minRecall = 0 } = options;
  const reports: ParityReport[] = [];
  const notCompared: string[] = [];
  for (const unit of units) {
    for (const [vector, { kind, metric }] of Object.entries(unit.description.vectors)) {
      if (kind === 'dense' && isScored(metric))
        reports.push(await compareVector(unit, vector, metric, options, signal));
      else {
        const what = kind === 'dense' ? `the metric ${metric ?? 'that it does not say'}` : `${kind} vectors`;
        notCompared.push(`${unit.target.collection}: Searches of '${vector}' were not compared: it has ${what}.`);
      }
    }
  }
  return { reports, notCompared, ok: reports.every(({ recall }) => recall >= minRecall) };
}

async function compareVector(
  unit: ParityUnit,
  vector: string,
  metric: ScoredMetric,
  { queries: wanted, k: asked = 10, seed = 1 }: ParityOptions,
  signal: AbortSignal | undefined,
): Promise<ParityReport> {
  const { target, source, filter } = unit;
  const k = Math.min(asked, target.traits.maxTopK, source?.traits.maxTopK ?? asked);
  const queries = (await sampleQueries(unit.points(), vector, wanted, seed)).map((query) => query.vector);
  const truth =
    source === undefined
      ? await nearestPoints(unit.points(), vector, metric, queries, k)
      : await search(source, vector, queries, k, filter, signal);
  const found = await search(target, vector, queries, k, undefined, signal);
  const recalls = truth.map((expected, at) => recallOf(expected, found[at] ?? []));
  return {
    collection: target.collection,
    tenant: target.tenant,
    vector,
    queries: queries.length,
    k,
    recall: recalls.length === 0 ? 1 : recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    lowest: Math.min(1, ...recalls),
    truth: source === undefined ? 'exact' : 'source',
  };
}

async function search(
  repository: IVectorSearchRepository,
  vectorName: string,
  queries: readonly Float32Array[],
  topK: number,
  filter: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Neighbour[])[]> {
  const found: (readonly Neighbour[])[] = [];
  for (const vector of queries) {
    signal?.throwIfAborted();
    const query = { vector, vectorName, topK, filter };
    found.push(await retrying(async () => repository.search(query, { signal }), {}, signal));
  }
  return found;
}

/** How far a score may be off: stores compute with fewer digits. */
const TOLERANCE = 1e-4;

function recallOf(expected: readonly Neighbour[], found: readonly Neighbour[]): number {
  const farthest = expected.at(-1);
  if (farthest === undefined) return 1;
  const ids = new Set(expected.map(({ id }) => id));
  const near = farthest.score - TOLERANCE * Math.max(1, Math.abs(farthest.score));
  const hits = new Set(found.filter(({ id, score }) => ids.has(id) || score >= near).map(({ id }) => id));
  return Math.min(1, hits.size / expected.length);
}

/** @throws VecportError `invalid-argument` for numbers that say nothing. */
export function checkParity({ queries, k = 10, minRecall = 0 }: ParityOptions): void {
  const fits = Number.isSafeInteger(queries) && queries > 0 && Number.isSafeInteger(k) && k > 0;
  if (fits && minRecall >= 0 && minRecall <= 1) return;
  throw new VecportError('invalid-argument', 'Searches cannot be compared in this way.', {
    advice: 'Give at least one query and one neighbour, and a recall from 0 to 1.',
  });
}
