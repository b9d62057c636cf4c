import {
  DEFAULT_VECTOR,
  type Metric,
  metadataValue,
  type SearchMatch,
  type SearchQuery,
  type VectorValue,
} from '@vecport/abstractions';
import { corrupt, floatToBfloat, floatToHalf, type ProtoReader, ProtoWriter } from '@vecport/wire';
import type { OpenCollection } from './collection.js';
import { DATA_TYPE } from './data-types.js';
import { invalidArgument, lyingAnswer, notSupported } from './errors.js';
import { eachPacked, type FieldData, memberReader, readFieldData } from './field-data.js';
import { compileFilter } from './filter.js';
import { indexMetric } from './index-params.js';
import { writeKeyValues } from './key-values.js';
import { DYNAMIC_FIELD, type Layout, type VectorField } from './layout.js';
import { metadataColumn } from './metadata-rows.js';
import { milvusMetric, scoreOf } from './metrics.js';
import { packBits, sparseBytes } from './write-columns.js';

/** The nearest points by the index of the vector: exact with FLAT, approximate with others. */
export async function searchPoints(
  open: OpenCollection,
  search: SearchQuery,
  signal: AbortSignal | undefined,
): Promise<readonly SearchMatch[]> {
  const { client, layout } = open;
  const field = searchedField(layout, search.vectorName);
  const metric = indexMetric(layout.indexes.find((index) => index.field === field.field));
  if (metric === undefined) {
    throw notSupported(
      `The vector '${field.name}' has no index with a metric that Vecport knows, so it cannot be searched.`,
    );
  }
  const filter = compileFilter(search.filter, layout, client.server);
  if (filter === undefined) return [];
  const answer = await client.read('Search', searchMessage(open, search, field, metric, filter), { signal });
  return readMatches(layout, metric, answer, search.topK);
}

function searchedField({ vectors }: Layout, name: string | undefined): VectorField {
  const wanted = name ?? DEFAULT_VECTOR;
  const field =
    vectors.find((vector) => vector.name === wanted) ??
    (name === undefined && vectors.length === 1 ? vectors[0] : undefined);
  if (field !== undefined) return field;
  const known = vectors.map((vector) => vector.name).join(', ') || 'none';
  throw invalidArgument(`There is no vector '${wanted}' to search (there are: ${known}).`);
}

function searchMessage(
  { layout, partition }: OpenCollection,
  { vector, topK }: SearchQuery,
  field: VectorField,
  metric: Metric,
  filter: string,
): ProtoWriter {
  const message = new ProtoWriter(filter.length + 1024).text(3, layout.collection);
  if (partition !== undefined) message.text(4, partition);
  message.text(5, filter);
  message.message(6, (group) =>
    group.message(1, (holder) => holder.text(1, '$0').varint(2, field.type).data(3, queryBytes(field, vector))),
  );
  // BoolExprV1: the filter is an expression.
  message.varint(7, 1);
  for (const { name } of layout.scalars) message.text(8, name);
  if (layout.dynamic) message.text(8, DYNAMIC_FIELD);
  writeKeyValues(message, 9, {
    anns_field: field.field,
    topk: String(topK),
    metric_type: milvusMetric(metric) ?? '',
    params: '{}',
    round_decimal: '-1',
    ignore_growing: 'False',
  });
  return message.varint(12, 1).varint(14, 0).bool(15, false);
}

function queryBytes({ type, name }: VectorField, vector: VectorValue): Uint8Array {
  if (type === DATA_TYPE.SparseFloatVector) {
    if (vector instanceof Float32Array || !('indices' in vector)) throw invalidArgument(`'${name}' is sparse.`);
    return sparseBytes(vector.indices, vector.values);
  }
  if (!(vector instanceof Float32Array)) throw invalidArgument(`'${name}' is searched with one dense vector.`);
  switch (type) {
    case DATA_TYPE.BinaryVector:
      return packBits(vector);
    case DATA_TYPE.Float16Vector:
      return new Uint8Array(Uint16Array.from(vector, floatToHalf).buffer);
    case DATA_TYPE.BFloat16Vector:
      return new Uint8Array(Uint16Array.from(vector, floatToBfloat).buffer);
    case DATA_TYPE.Int8Vector:
      return new Uint8Array(Int8Array.from(vector).buffer);
    default:
      return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  }
}

function readMatches(layout: Layout, metric: Metric, answer: Uint8Array, topK: number): SearchMatch[] {
  const { ids, distances, columns, dynamic } = readResults(memberReader(answer, 2), layout);
  if (ids.length !== distances.length) throw corrupt(`has ${distances.length} scores for ${ids.length} matches`);
  if (ids.length > topK) throw lyingAnswer(`Milvus gave ${ids.length} matches where ${topK} were asked for.`);
  if (ids.length === 0) return [];
  const metadata = metadataColumn(layout, columns, dynamic, ids.length, undefined);
  const matches = ids.map((id, row) => ({
    id,
    score: scoreOf(metric, distances[row] ?? Number.NaN),
    metadata: metadataValue(metadata, row),
  }));
  // A vector of zeros has no direction; its score by cosine is no number.
  return matches.filter(({ score }) => !Number.isNaN(score)).sort((a, b) => b.score - a.score);
}

interface Results {
  readonly ids: string[];
  readonly distances: number[];
  readonly columns: ReadonlyMap<string, FieldData>;
  readonly dynamic: FieldData | undefined;
}

// A `SearchResultData` of one query.
function readResults(reader: ProtoReader | undefined, layout: Layout): Results {
  const [ids, distances]: [string[], number[]] = [[], []];
  const columns = new Map<string, FieldData>();
  let dynamic: FieldData | undefined;
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field === 3) {
      const data = readFieldData(reader);
      if (data.isDynamic || data.name === DYNAMIC_FIELD) dynamic = data;
      else columns.set(data.name, data);
    } else if (field === 4) eachPacked(reader, () => distances.push(reader.float()));
    else if (field === 5) readIds(reader.data(), layout, ids);
    else reader.skip();
  }
  return { ids, distances, columns, dynamic };
}

function readIds(message: Uint8Array, { key }: Layout, into: string[]): void {
  const reader = memberReader(message, key.type === 'int64' ? 1 : 2);
  for (let field = reader?.next() ?? 0; reader !== undefined && field !== 0; field = reader.next()) {
    if (field !== 1) reader.skip();
    else if (key.type === 'varchar') into.push(reader.text());
    else eachPacked(reader, () => into.push(String(reader.int64())));
  }
}
