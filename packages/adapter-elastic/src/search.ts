import {
  type CallOptions,
  DEFAULT_VECTOR,
  metadataValue,
  type SearchMatch,
  type SearchQuery,
} from '@vecport/abstractions';
import type { Elastic } from './client.js';
import { invalidArgument, notSupported } from './errors.js';
import { compileFilter, EVERYTHING, type Query } from './filter.js';
import type { IndexLayout } from './layout.js';
import { scoreOf } from './metrics.js';
import { readPage } from './page.js';
import { search, sourceOptions } from './read-pages.js';
import type { VectorField } from './vector-fields.js';
import { vectorText } from './vector-text.js';

/** Elasticsearch's limits of `k` and `num_candidates`. */
export const MAX_TOP_K = 10_000;

const FEWEST_CANDIDATES = 200;
const CANDIDATES_PER_MATCH = 4;
const OVERSAMPLE = 4;

/**
 * The nearest points, nearest first, by the index: more candidates are looked at than asked for, and those of an
 * index of quantised vectors are compared again exactly where the server can.
 */
export async function searchIndex(
  elastic: Elastic,
  layout: IndexLayout,
  query: SearchQuery,
  { signal }: CallOptions,
): Promise<readonly SearchMatch[]> {
  const vector = searchedVector(layout, query.vectorName);
  if (!(query.vector instanceof Float32Array))
    throw notSupported('Only dense vectors can be searched in Elasticsearch.');
  if (vector.spec.metric === undefined) {
    throw notSupported(
      `How near two vectors '${vector.name}' are is not known here.`,
      vector.indexed
        ? 'Grant the privilege view_index_metadata, so that the mapping can be read.'
        : 'Map the field with `index: true` and a similarity.',
    );
  }
  const filter = query.filter === undefined ? EVERYTHING : compileFilter(query.filter, layout.filterFields);
  const body = knnBody(elastic, vector, query.vector, query.topK, filter);
  // The vector is JSON text already.
  const text = { ...body, ...sourceOptions(elastic, layout, false) };
  const bytes = await search(elastic, layout, undefined, text, { signal });
  const { batch, hits } = readPage(bytes, { layout, vectors: false, capacity: query.topK });
  return hits.map(({ id, score }, row) => ({
    id,
    score: scoreOf(score, vector),
    metadata: metadataValue(batch.metadata, row),
  }));
}

function knnBody(elastic: Elastic, vector: VectorField, values: Float32Array, topK: number, filter: Query): Query {
  const candidates = Math.min(MAX_TOP_K, Math.max(FEWEST_CANDIDATES, topK * CANDIDATES_PER_MATCH));
  const quantised = vector.indexType !== undefined && /^(?:int|bbq)/.test(vector.indexType);
  return {
    size: topK,
    track_total_hits: false,
    knn: {
      field: vector.field,
      query_vector: JSON.parse(queryText(vector, values)) as unknown,
      k: topK,
      num_candidates: candidates,
      // With a filter few documents are compared one by one, which is exact.
      filter: filter === EVERYTHING ? { exists: { field: vector.field } } : filter,
      ...(quantised && elastic.server.rescores && { rescore_vector: { oversample: OVERSAMPLE } }),
    },
  };
}

function queryText(vector: VectorField, values: Float32Array): string {
  try {
    return vectorText(vector, values, false);
  } catch (error) {
    throw invalidArgument(error instanceof Error ? error.message : String(error));
  }
}

function searchedVector({ vectors }: IndexLayout, name: string | undefined): VectorField {
  const wanted = name ?? DEFAULT_VECTOR;
  const vector =
    vectors.find((candidate) => candidate.name === wanted) ??
    (name === undefined && vectors.length === 1 ? vectors[0] : undefined);
  if (vector !== undefined) return vector;
  throw invalidArgument(
    `There is no vector '${wanted}' to search (there are: ${vectors.map((candidate) => candidate.name).join(', ') || 'none'}).`,
  );
}
