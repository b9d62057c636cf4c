import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type Filter,
  type FilterOperator,
  parseFilter,
  type SearchQuery,
  VecportError,
  type VectorTraits,
} from '@vecport/abstractions';
import { specOf } from './check-batch.js';

/** @throws VecportError `invalid-argument` unless `value` is an integer within the bounds. */
export function checkInteger(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const bounds = high === Number.MAX_SAFE_INTEGER ? `at least ${low}` : `${low} to ${high}`;
  throw new VecportError('invalid-argument', `${name} is ${value}; it must be an integer, ${bounds}.`);
}

/**
 * The filter, copied.
 * @throws VecportError `invalid-argument` when it is none, `not-supported` for an operator the
 * provider does not evaluate.
 */
export function checkFilter(filter: Filter | undefined, traits: VectorTraits): Filter | undefined {
  if (filter === undefined) return undefined;
  const parsed = parseFilter(filter);
  const missing = operatorsOf(parsed).find((operator) => !traits.filterOperators.includes(operator));
  if (missing === undefined) return parsed;
  throw new VecportError('not-supported', `The filter operator '${missing}' is not supported by this provider.`, {
    advice:
      traits.filterOperators.length === 0 ? 'It cannot filter.' : `It supports: ${traits.filterOperators.join(', ')}.`,
  });
}

/** What can be said of a query without asking the provider. */
export function checkQueryShape(query: SearchQuery, traits: VectorTraits): SearchQuery {
  checkInteger('topK', query.topK, 1, traits.maxTopK);
  const { vector } = query;
  if (!(vector instanceof Float32Array)) {
    if (!(vector.indices instanceof Uint32Array && vector.values instanceof Float32Array)) {
      throw new VecportError('invalid-argument', 'The query vector is neither a Float32Array nor a sparse vector.');
    }
    checkIndices(vector.indices, vector.values.length);
  }
  const values = vector instanceof Float32Array ? vector : vector.values;
  const position = values.findIndex((value) => !Number.isFinite(value));
  if (position >= 0) {
    throw new VecportError('invalid-argument', `The query vector is ${values[position]} at position ${position}.`);
  }
  return { ...query, filter: checkFilter(query.filter, traits) };
}

/** Whether the query fits the vector it searches. @throws VecportError `invalid-argument`, `dimension-mismatch`. */
export function checkQueryVector(query: SearchQuery, description: CollectionDescription): void {
  const name = query.vectorName ?? onlyVector(description);
  const spec = specOf(description, name);
  const sparse = !(query.vector instanceof Float32Array);
  if (sparse !== (spec.kind === 'sparse')) {
    throw new VecportError(
      'invalid-argument',
      `The query vector is ${sparse ? 'sparse' : 'dense'}; '${name}' is ${spec.kind}.`,
    );
  }
  if (!(query.vector instanceof Float32Array) || spec.dimension === undefined) return;
  if (query.vector.length === spec.dimension) return;
  throw new VecportError(
    'dimension-mismatch',
    `The query vector has ${query.vector.length} dimensions; '${name}' has ${spec.dimension}.`,
  );
}

function onlyVector(description: CollectionDescription): string {
  const names = Object.keys(description.vectors);
  if (names.includes(DEFAULT_VECTOR) || names[0] === undefined) return DEFAULT_VECTOR;
  if (names.length === 1) return names[0];
  throw new VecportError('invalid-argument', 'The collection has several vectors and none of them is the default.', {
    advice: `Say which with vectorName: ${names.join(', ')}.`,
  });
}

function checkIndices(indices: Uint32Array, values: number): void {
  if (indices.length !== values) {
    throw new VecportError('invalid-argument', `The query vector has ${indices.length} indices and ${values} values.`);
  }
  const position = indices.findIndex((index, i) => i > 0 && index <= (indices[i - 1] ?? 0));
  if (position >= 0) {
    throw new VecportError(
      'invalid-argument',
      `The indices of the query vector do not ascend at position ${position}.`,
    );
  }
}

function operatorsOf(filter: Filter): readonly FilterOperator[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return [filter.op, ...filter.filters.flatMap((part) => operatorsOf(part))];
    case 'not':
      return [filter.op, ...operatorsOf(filter.filter)];
    default:
      return [filter.op];
  }
}
