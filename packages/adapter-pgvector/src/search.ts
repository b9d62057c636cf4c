import {
  DEFAULT_VECTOR,
  type Metric,
  parseJson,
  type SearchMatch,
  type SearchQuery,
  type SparseVector,
  VecportError,
  type VectorValue,
} from '@vecport/abstractions';
import { floatToHalf } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { invalidArgument } from './errors.js';
import { compileFilter } from './filter.js';
import { idExpression } from './key.js';
import type { TableLayout, VectorLayout } from './layout.js';
import { metadataExpression } from './records.js';
import type { Session, SqlValue } from './session.js';
import { quoteName } from './sql.js';
import { encodeVector, vectorProblem } from './write-vector.js';

const OPERATORS: Readonly<Record<Metric, string>> = {
  cosine: '<=>',
  dot: '<#>',
  euclidean: '<->',
  manhattan: '<+>',
  hamming: '<~>',
  jaccard: '<%>',
};

/** Most candidates an HNSW index can be asked to keep. */
const MAX_EF_SEARCH = 1000;
const LEAST_EF_SEARCH = 40;

/**
 * The nearest rows, nearest first: all of them compared, or as an index of the column finds them, which goes on until
 * enough rows pass the filter. By cosine, vectors without a direction are not found.
 */
export async function searchPoints(
  session: Session,
  layout: TableLayout,
  query: SearchQuery,
): Promise<readonly SearchMatch[]> {
  const vector = searchedVector(layout, query.vectorName);
  const metric = vector.spec.metric ?? (vector.type === 'bit' ? 'hamming' : 'euclidean');
  const filter = query.filter === undefined ? 'true' : compileFilter(query.filter, layout);
  const { sql, values } =
    vector.spec.kind === 'multi'
      ? multiSearch(vector, metric, query)
      : singleSearch(vector, metric, scaled(metric, checkQuery(vector, query.vector)));
  if (vector.spec.index?.type === 'hnsw') {
    const candidates = Math.min(MAX_EF_SEARCH, Math.max(LEAST_EF_SEARCH, query.topK));
    await session.query(`SET LOCAL hnsw.ef_search TO ${candidates}`);
  }
  const rows = await session.query(
    `SELECT ${idExpression(layout.key)}, ${sql.score}, ${metadataExpression(layout)}::text
FROM ${layout.relation} AS t WHERE ${sql.where} AND ${filter} ORDER BY ${sql.order} LIMIT ${query.topK}`,
    values,
  );
  return rows
    .map(([id, distance, metadata]) => matchOf(id ?? '', scoreOf(metric, values.length, Number(distance)), metadata))
    .filter(({ score }) => !Number.isNaN(score))
    .toSorted((left, right) => right.score - left.score);
}

interface SearchSql {
  readonly sql: { readonly score: string; readonly where: string; readonly order: string };
  readonly values: readonly SqlValue[];
}

function searchedVector({ vectors }: TableLayout, name: string | undefined): VectorLayout {
  const wanted = name ?? DEFAULT_VECTOR;
  const vector =
    vectors.find((candidate) => candidate.name === wanted) ??
    (name === undefined && vectors.length === 1 ? vectors[0] : undefined);
  if (vector !== undefined) return vector;
  const known = vectors.map((candidate) => candidate.name).join(', ');
  throw invalidArgument(`There is no vector '${wanted}' to search (there are: ${known}).`);
}

function checkQuery(vector: VectorLayout, value: VectorValue): Float32Array | SparseVector {
  const { kind, dimension } = vector.spec;
  if (kind === 'sparse') {
    if (!('indices' in value)) throw invalidArgument(`The vector '${vector.name}' is searched with a sparse vector.`);
    const kept = [...value.values.keys()].filter((at) => value.values[at] !== 0);
    const query = {
      indices: Uint32Array.from(kept, (at) => value.indices[at] ?? 0),
      values: Float32Array.from(kept, (at) => value.values[at] ?? 0),
    };
    return withoutProblem(vectorProblem(vector, query), query);
  }
  if (!(value instanceof Float32Array))
    throw invalidArgument(`The vector '${vector.name}' is searched with a dense vector.`);
  if (value.length !== dimension) {
    throw new VecportError(
      'dimension-mismatch',
      `The query has ${value.length} dimensions; the vectors have ${dimension}.`,
      {
        provider: PROVIDER,
      },
    );
  }
  // A query may be finer than what is stored.
  const asFloats = vector.type === 'halfvec' ? { ...vector, type: 'vector' as const } : vector;
  return withoutProblem(vectorProblem(asFloats, value), value);
}

function withoutProblem<T>(problem: string | undefined, value: T): T {
  if (problem === undefined) return value;
  throw invalidArgument(`The query cannot be searched with. ${problem}`);
}

function singleSearch(vector: VectorLayout, metric: Metric, query: Float32Array | SparseVector): SearchSql {
  const column = `t.${quoteName(vector.column)}`;
  const [left, right, encoded] = operands(vector, column, query);
  const distance = `${left} ${OPERATORS[metric]} ${right}`;
  return {
    sql: { score: `(${distance})::float8`, where: `${column} IS NOT NULL`, order: distance },
    values: [encoded],
  };
}

// Halves are compared with the query in full precision, but where that would pass an index by.
function operands(
  vector: VectorLayout,
  column: string,
  query: Float32Array | SparseVector,
): readonly [left: string, right: string, encoded: Buffer] {
  const { type, width } = vector;
  if (type === 'bit') return [column, `$1::bit(${width})`, encodeVector(vector, query)];
  const isHalf =
    type === 'halfvec' && vector.spec.index !== undefined && query instanceof Float32Array && fitsHalf(query);
  if (type !== 'halfvec' || isHalf) return [column, `$1::${type}`, encodeVector(vector, query)];
  return [`${column}::vector`, '$1::vector', encodeVector({ ...vector, type: 'vector' }, query)];
}

function fitsHalf(query: Float32Array): boolean {
  return query.every((value) => (floatToHalf(value) & 0x7c00) !== 0x7c00);
}

// A query of several vectors adds up, for each of them, the score of the nearest of the point's vectors.
function multiSearch(vector: VectorLayout, metric: Metric, { vector: value }: SearchQuery): SearchSql {
  const column = `t.${quoteName(vector.column)}`;
  const queries = value instanceof Float32Array ? [value] : value;
  if (!Array.isArray(queries) || queries.length === 0) {
    throw invalidArgument(`The vector '${vector.name}' is searched with a dense vector or a list of them.`);
  }
  const values = queries.map((query: Float32Array) => {
    const checked = scaled(metric, checkQuery(vector, query));
    return encodeVector({ ...vector, type: 'vector' }, checked);
  });
  const nearest = values.map((_, at) => {
    const distance = `u.v ${OPERATORS[metric]} $${at + 1}::vector`;
    return `(SELECT min(nullif(${distance}, 'NaN')) FROM unnest(${column}) AS u(v))`;
  });
  const total = nearest.join(' + ');
  return { sql: { score: `(${total})::float8`, where: `(${total}) IS NOT NULL`, order: total }, values };
}

/*
 * pgvector squares the numbers of a vector in float32, where small ones vanish and large ones overflow. For a cosine
 * the length does not matter, so a query of extreme numbers is multiplied by a power of two, which is exact.
 */
function scaled(metric: Metric, query: Float32Array | SparseVector): Float32Array | SparseVector {
  if (metric !== 'cosine') return query;
  const values = query instanceof Float32Array ? query : query.values;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) throw invalidArgument('A vector of zeros has no direction, so nothing is near to it by cosine.');
  const exponent = Math.floor(Math.log2(largest));
  if (Math.abs(exponent) < 30) return query;
  const larger = values.map((value) => value * 2 ** -exponent);
  return query instanceof Float32Array ? larger : { indices: query.indices, values: larger };
}

// The operators give distances; that of the inner product is its negative, that of a cosine what it lacks of one.
function scoreOf(metric: Metric, queries: number, distance: number): number {
  if (metric !== 'cosine') return 0 - distance;
  return Number.isNaN(distance) ? distance : Math.min(queries, Math.max(-queries, queries - distance));
}

function matchOf(id: string, score: number, metadata: string | null | undefined): SearchMatch {
  return typeof metadata === 'string' ? { id, score, metadata: parseJson(metadata) } : { id, score };
}
