import { fileURLToPath } from 'node:url';
import {
  type IVectorSearchRepository,
  requireCapability,
  type VectorBatch,
  type VectorId,
} from '@vecport/abstractions';
import { type ContentDigest, createDigest, type Dataset, openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';

/** Dense vectors of points, in any order, and the digest of the points as they are. */
export interface Embeddings {
  readonly ids: readonly VectorId[];
  readonly values: Float32Array;
  readonly dimension: number;
  readonly digest: ContentDigest;
}

/** A vector to search by, and the points that are nearest to it. */
export interface Query {
  readonly vector: Float32Array;
  /** The scores of all points, by id. */
  readonly scores: ReadonlyMap<VectorId, number>;
  /** The score of the last of the nearest points. */
  readonly farthest: number;
}

/** Neighbours that are asked for. */
const NEAREST = 10;
/** Points whose score is that near to the last neighbour's are as good as it: stores compute in float32. */
const TIE = 1e-5;

/** 5,000 real embeddings; see the README beside them. */
export async function unicodeDataset(): Promise<Dataset> {
  return openDataset(localStorage(fileURLToPath(new URL('../golden/unicode', import.meta.url))));
}

/** The embeddings of a dataset. */
export async function embeddingsOf(dataset: Dataset): Promise<Embeddings> {
  return collect(dataset.read(dataset.collection()));
}

/** The embeddings a collection gives back. */
export async function readBack(repository: IVectorSearchRepository): Promise<Embeddings> {
  return collect(requireCapability(repository, 'exportAll').exportAll());
}

/** `count` of the points as queries, evenly spread, with what an exact search by cosine finds. */
export function queriesOf(embeddings: Embeddings, count: number): readonly Query[] {
  const { ids, values, dimension } = embeddings;
  return Array.from({ length: count }, (_, n) => {
    const start = Math.floor((n * ids.length) / count) * dimension;
    const vector = values.slice(start, start + dimension);
    const scores = exactScores(embeddings, vector);
    return { vector, scores: new Map(ids.map((id, row) => [id, scores[row] ?? 0])), farthest: last(scores) };
  });
}

/** The share of the nearest points that an exact search over `embeddings` finds, over all queries. */
export function exactRecall(embeddings: Embeddings, queries: readonly Query[]): number {
  return mean(
    queries.map((query) => {
      const scores = exactScores(embeddings, query.vector);
      const least = last(scores);
      return recall(
        query,
        embeddings.ids.filter((_, row) => (scores[row] ?? 0) >= least),
      );
    }),
  );
}

/** The share of the nearest points that the provider's own search finds, over all queries. */
export async function ownRecall(repository: IVectorSearchRepository, queries: readonly Query[]): Promise<number> {
  const recalls: number[] = [];
  for (const query of queries) {
    const found = await repository.search({ vector: query.vector, topK: NEAREST });
    recalls.push(
      recall(
        query,
        found.map(({ id }) => id),
      ),
    );
  }
  return mean(recalls);
}

async function collect(batches: AsyncIterable<VectorBatch>): Promise<Embeddings> {
  const ids: VectorId[] = [];
  const parts: Float32Array[] = [];
  const digest = createDigest();
  let dimension = 0;
  for await (const batch of batches) {
    const column = batch.vectors['default'];
    if (column?.kind !== 'dense') throw new Error('A page has no dense vectors.');
    dimension = column.dimension;
    for (const id of batch.ids) ids.push(id);
    parts.push(column.values.slice(0, batch.ids.length * dimension));
    digest.add(batch);
  }
  const values = new Float32Array(ids.length * dimension);
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { ids, values, dimension, digest: digest.value() };
}

/** Cosine similarity of every point, in doubles. */
function exactScores({ ids, values, dimension }: Embeddings, query: Float32Array): Float64Array {
  const scores = new Float64Array(ids.length);
  for (let row = 0, at = 0; row < ids.length; row++) {
    let [product, own, its] = [0, 0, 0];
    for (let i = 0; i < dimension; i++, at++) {
      const a = query[i] ?? 0;
      const b = values[at] ?? 0;
      product += a * b;
      own += a * a;
      its += b * b;
    }
    scores[row] = product / Math.sqrt(own * its);
  }
  return scores;
}

/** The score of the last of the nearest. */
function last(scores: Float64Array): number {
  return scores.toSorted().at(-NEAREST) ?? Number.NEGATIVE_INFINITY;
}

function recall({ scores, farthest }: Query, found: readonly VectorId[]): number {
  const right = new Set(found.filter((id) => (scores.get(id) ?? Number.NEGATIVE_INFINITY) >= farthest - TIE));
  return Math.min(1, right.size / NEAREST);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
