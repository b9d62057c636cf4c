import { type CallOptions, selectRows, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { JsonReader } from '@vecport/wire';
import { type Elastic, pathOf } from './client.js';
import { brokenAnswer, notSupported } from './errors.js';
import { type HitReader, hitReader } from './hits.js';
import type { IndexLayout } from './layout.js';
import { readAnswer } from './page.js';
import { search, sourceOptions } from './read-pages.js';

const PAGE_BYTES = 8 * 2 ** 20;
const MOST_IDS = 1000;

/**
 * The points with these ids, in the order asked. They are asked for by id, which sees every accepted write; those that
 * are not found where their id says, because they were written with a routing, are searched for.
 */
export async function getPoints(
  elastic: Elastic,
  layout: IndexLayout,
  ids: readonly VectorId[],
  { signal }: CallOptions,
): Promise<VectorBatch> {
  if (layout.unreadable !== undefined) throw notSupported(layout.unreadable);
  const wanted = [...new Set(ids)];
  const documents = hitReader({ layout, vectors: true, capacity: Math.max(1, wanted.length) });
  const found: VectorId[] = [];
  for (const part of idParts(layout, wanted)) {
    const missing = isMultiGet(layout) ? await multiGet(elastic, layout, part, documents, found, signal) : part;
    if (missing.length > 0 && layout.shards > 1) {
      await searchIds(elastic, layout, missing, documents, found, signal);
    }
  }
  return inOrder(documents.build(), found, wanted);
}

// Vectors that are in the doc values alone are put into the document by a get as lists of numbers.
async function multiGet(
  elastic: Elastic,
  layout: IndexLayout,
  ids: readonly VectorId[],
  documents: HitReader,
  found: VectorId[],
  signal: AbortSignal | undefined,
): Promise<readonly VectorId[]> {
  const bytes = await elastic.read({
    method: 'POST',
    path: `${pathOf(layout.index)}/_mget`,
    body: JSON.stringify({ ids }),
    ...(elastic.server.excludesVectors && { query: { _source_exclude_vectors: false } }),
    signal,
  });
  const reader = new JsonReader(bytes);
  const missing: VectorId[] = [];
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key !== 'docs') {
      reader.skip();
      continue;
    }
    reader.enterArray();
    while (reader.nextElement()) {
      const { id, found: isThere, error } = documents.read(reader);
      if (error !== undefined && !error.includes('routing_missing_exception'))
        throw brokenAnswer(`Elasticsearch could not read the point '${id}': ${error.slice(0, 300)}`);
      (isThere ? found : missing).push(id);
    }
  }
  reader.finish();
  return missing;
}

async function searchIds(
  elastic: Elastic,
  layout: IndexLayout,
  ids: readonly VectorId[],
  documents: HitReader,
  found: VectorId[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const body = {
    size: Math.min(10_000, ids.length * 2),
    query: { ids: { values: ids } },
    track_total_hits: false,
    ...sourceOptions(elastic, layout, true),
  };
  const bytes = await search(elastic, layout, undefined, body, { signal });
  found.push(...readAnswer(bytes, documents).hits.map(({ id }) => id));
}

/** Where the documents with these ids are, of those that are not where their id says. */
export async function findRoutings(
  elastic: Elastic,
  { index }: IndexLayout,
  ids: readonly VectorId[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<VectorId, readonly string[]>> {
  const body = { size: Math.min(10_000, ids.length * 2), query: { ids: { values: ids } }, _source: false };
  const bytes = await elastic.read({
    method: 'POST',
    path: `${pathOf(index)}/_search`,
    query: { allow_partial_search_results: false },
    body: JSON.stringify(body),
    signal,
  });
  const { hits } = JSON.parse(bytes.toString()) as {
    hits: { hits: readonly { _id: string; _routing?: string }[] };
  };
  const routings = new Map<VectorId, string[]>();
  for (const { _id, _routing } of hits.hits) {
    if (_routing !== undefined) routings.set(_id, [...(routings.get(_id) ?? []), _routing]);
  }
  return routings;
}

// A get of a server that leaves vectors out needs an option that only newer ones know, so the version must be known.
function isMultiGet({ notDescribed }: IndexLayout): boolean {
  return notDescribed.length === 0;
}

function* idParts({ vectors }: IndexLayout, ids: readonly VectorId[]): Generator<readonly VectorId[]> {
  const rowBytes = vectors.reduce((sum, { dimension }) => sum + dimension * 12, 1000);
  const size = Math.max(1, Math.min(MOST_IDS, Math.floor(PAGE_BYTES / rowBytes)));
  for (let start = 0; start < ids.length; start += size) yield ids.slice(start, start + size);
}

function inOrder(batch: VectorBatch, found: readonly VectorId[], wanted: readonly VectorId[]): VectorBatch {
  const rows = new Map<VectorId, number>();
  found.forEach((id, row) => {
    if (rows.has(id)) throw twice(id);
    rows.set(id, row);
  });
  if (found.length === wanted.length && found.every((id, at) => id === wanted[at])) return batch;
  return selectRows(
    batch,
    wanted.flatMap((id) => rows.get(id) ?? []),
  );
}

function twice(id: VectorId): Error {
  return brokenAnswer(
    `There are two points '${id}': documents with the same id and different routings.`,
    'Remove one of them, or export the index and give them different ids.',
  );
}
