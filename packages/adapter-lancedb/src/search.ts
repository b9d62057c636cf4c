import type { Table } from '@lancedb/lancedb';
import { DEFAULT_VECTOR, metadataValue, type SearchMatch, type SearchQuery } from '@vecport/abstractions';
import type { RecordBatch } from 'apache-arrow';
import { collectRecords } from './collect-records.js';
import { invalidArgument, lanceCall, notSupported } from './errors.js';
import { compileFilter } from './filter.js';
import { distanceType, ID_COLUMN, METADATA_COLUMN, type TableLayout, type VectorLayout } from './layout.js';
import { readIds, readMetadata } from './read-batch.js';

type Distance = ReturnType<typeof distanceType>;

/**
 * The nearest rows, nearest first. Exact: an approximate index is passed by. By cosine, rows without
 * a direction are not found: zeros, and those whose length float32 cannot hold.
 */
export async function searchRows(
  table: Table,
  layout: TableLayout,
  query: SearchQuery,
): Promise<readonly SearchMatch[]> {
  const vector = searchedVector(layout, query.vectorName);
  if ('indices' in query.vector) throw notSupported('LanceDB has no sparse vectors to search.');
  const distance = distanceType(vector.metric);
  const parts = query.vector instanceof Float32Array ? [query.vector] : query.vector;
  const wanted = distance === 'cosine' ? parts.map(unitVector) : parts;
  const columns = [ID_COLUMN, ...(layout.foreign ?? [METADATA_COLUMN]), '_distance'];
  const search = table
    .vectorSearch(wanted.length === 1 ? (wanted[0] as Float32Array) : [...wanted])
    .column(vector.column)
    .distanceType(distance)
    .bypassVectorIndex();
  const limited = search.limit(query.topK).select(columns);
  const sql = query.filter === undefined ? undefined : compileFilter(query.filter, layout.filterColumns);
  const found = await lanceCall(async () => collectRecords(sql === undefined ? limited : limited.where(sql)));
  const matches = found.flatMap((records) => matchesOf(layout, records, distance, parts.length));
  return distance === 'cosine' ? matches.filter(({ score }) => Number.isFinite(score)) : matches;
}

function searchedVector({ vectors }: TableLayout, name: string | undefined): VectorLayout {
  const wanted = name ?? DEFAULT_VECTOR;
  const vector =
    vectors.find((candidate) => candidate.name === wanted) ??
    (name === undefined && vectors.length === 1 ? vectors[0] : undefined);
  if (vector !== undefined) return vector;
  throw invalidArgument(
    `There is no vector '${wanted}' to search (there are: ${vectors.map((candidate) => candidate.name).join(', ') || 'none'}).`,
  );
}

// LanceDB squares the numbers of a query in float32, where small ones vanish and large ones overflow.
function unitVector(vector: Float32Array): Float32Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) throw invalidArgument('A vector of zeros has no direction, so nothing is near to it by cosine.');
  const length = largest * Math.sqrt(vector.reduce((sum, value) => sum + (value / largest) ** 2, 0));
  return vector.map((value) => value / length);
}

function matchesOf(layout: TableLayout, records: RecordBatch, type: Distance, parts: number): SearchMatch[] {
  const metadata = readMetadata(layout, records);
  const distances = records.getChild('_distance');
  return readIds(layout, records).map((id, row) => {
    return { id, score: scoreOf(type, Number(distances?.get(row)), parts), metadata: metadataValue(metadata, row) };
  });
}

// LanceDB's l2 is squared, its dot is one minus the product, its cosine is a rounding error beyond 0 … 2. Of several
// query vectors the least distances add up.
function scoreOf(type: Distance, distance: number, parts: number): number {
  if (type === 'l2') return 0 - Math.sqrt(distance);
  const score = parts - distance;
  return type === 'cosine' && Number.isFinite(score) ? Math.min(parts, Math.max(-parts, score)) : score;
}
