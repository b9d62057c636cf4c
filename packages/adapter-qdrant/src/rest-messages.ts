import { hasVector, rowRange, type SparseVector, type VectorColumn } from '@vecport/abstractions';
import { floatsText, jsonObject } from '@vecport/wire';
import type { ServerFilter } from './conditions.js';
import { filterJson } from './filter-json.js';
import type { CollectionLayout } from './layout.js';
import { isUuid, type PointId } from './point-id.js';
import type { NearestRequest, PointCall, PointToWrite, ScrollRequest, UpsertRequest } from './points.js';

/*
 * Requests of Qdrant's REST interface as JSON text. Identifiers and integers keep all their digits, floats are
 * the shortest decimals that round back.
 */

/** Body of `POST /collections/{name}/points/scroll`. */
export function scrollBody({ from, limit, filter, include, shardKey }: ScrollRequest): string {
  return jsonObject([
    { key: 'offset', value: idJson(from) },
    { key: 'limit', value: String(limit) },
    { key: 'with_payload', value: include === undefined ? 'true' : JSON.stringify(include) },
    { key: 'with_vector', value: 'true' },
    ...common(filter, shardKey),
  ]);
}

/** Body of `POST /collections/{name}/points`. */
export function retrieveBody(ids: readonly PointId[], { shardKey }: PointCall): string {
  return jsonObject([
    { key: 'ids', value: `[${ids.map(idJson).join(',')}]` },
    { key: 'with_payload', value: 'true' },
    { key: 'with_vector', value: 'true' },
    ...common(undefined, shardKey),
  ]);
}

/** Body of `POST /collections/{name}/points/delete`. */
export function deleteBody(ids: readonly PointId[], { shardKey }: PointCall): string {
  return jsonObject([{ key: 'points', value: `[${ids.map(idJson).join(',')}]` }, ...common(undefined, shardKey)]);
}

/** Body of `POST /collections/{name}/points/count`. */
export function countBody(filter: ServerFilter | undefined, { shardKey }: PointCall): string {
  return jsonObject([{ key: 'exact', value: 'true' }, ...common(filter, shardKey)]);
}

/** Body of `POST /collections/{name}/points/query` for the nearest points. */
export function nearestBody({ vector, searched, limit, filter, shardKey }: NearestRequest): string {
  return jsonObject([
    { key: 'query', value: queryJson(vector) },
    ...(searched.key === '' ? [] : [{ key: 'using', value: JSON.stringify(searched.key) }]),
    { key: 'limit', value: String(limit) },
    { key: 'with_payload', value: 'true' },
    ...common(filter, shardKey),
  ]);
}

/** Body of the same for random points. */
export function sampleBody(limit: number, filter: ServerFilter | undefined, { shardKey }: PointCall): string {
  return jsonObject([
    { key: 'query', value: '{"sample":"random"}' },
    { key: 'limit', value: String(limit) },
    { key: 'with_payload', value: 'false' },
    ...common(filter, shardKey),
  ]);
}

/** Body of `PUT /collections/{name}/points`. */
export function upsertBody({ batch, points, shardKey }: UpsertRequest, layout: CollectionLayout): string {
  const vectors = Object.entries(batch.vectors).flatMap(([name, column]) => {
    const vector = layout.byName.get(name);
    return vector === undefined ? [] : [{ key: vector.key, column }];
  });
  const list = points.map((point) => pointJson(point, vectors));
  return jsonObject([{ key: 'points', value: `[${list.join(',')}]` }, ...common(undefined, shardKey)]);
}

function common(filter: ServerFilter | undefined, shardKey: PointCall['shardKey']): { key: string; value: string }[] {
  const members: { key: string; value: string }[] = [];
  if (filter !== undefined) members.push({ key: 'filter', value: filterJson(filter) });
  if (shardKey !== undefined) {
    const value = typeof shardKey === 'string' ? JSON.stringify(shardKey) : String(shardKey);
    members.push({ key: 'shard_key', value });
  }
  return members;
}

interface KeyedColumn {
  readonly key: string;
  readonly column: VectorColumn;
}

function payloadJson(payload: PointToWrite['payload']): string {
  return payload instanceof Uint8Array ? Buffer.from(payload).toString() : jsonObject(payload);
}

function pointJson({ pointId, payload, row }: PointToWrite, vectors: readonly KeyedColumn[]): string {
  const present = vectors.filter(({ column }) => hasVector(column, row));
  const [first] = present;
  const alone = first !== undefined && present.length === 1 && first.key === '';
  const vector = alone
    ? vectorJson(first.column, row)
    : jsonObject(present.map(({ key, column }) => ({ key, value: vectorJson(column, row) })));
  return `{"id":${idJson(pointId)},"payload":${payloadJson(payload)},"vector":${vector}}`;
}

function vectorJson(column: VectorColumn, row: number): string {
  if (column.kind === 'dense') {
    const { dimension, values } = column;
    return floatsJson(values.subarray(row * dimension, (row + 1) * dimension));
  }
  const [start, end] = rowRange(column.offsets, row);
  if (column.kind === 'sparse') {
    return sparseJson({ indices: column.indices.subarray(start, end), values: column.values.subarray(start, end) });
  }
  const { dimension, values } = column;
  return rowsJson(
    Array.from({ length: end - start }, (_, at) =>
      values.subarray((start + at) * dimension, (start + at + 1) * dimension),
    ),
  );
}

function queryJson(vector: NearestRequest['vector']): string {
  if (vector instanceof Float32Array) return floatsJson(vector);
  return 'indices' in vector ? sparseJson(vector) : rowsJson(vector);
}

function sparseJson({ indices, values }: SparseVector): string {
  return `{"indices":[${indices.join(',')}],"values":${floatsJson(values)}}`;
}

// Rows of whole numbers without a fraction are taken for a sparse vector.
function rowsJson(rows: readonly Float32Array[]): string {
  return `[${rows.map((row) => floatsJson(row, true)).join(',')}]`;
}

function floatsJson(values: Float32Array, withFraction = false): string {
  return `[${floatsText(values, withFraction)}]`;
}

function idJson(id: PointId): string {
  return isUuid(id) ? `"${id}"` : id;
}
