import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type Filter,
  type FilterOperator,
  operatorsOf,
  parseFilter,
  type SearchQuery,
  VecportError,
  type VectorKind,
  type VectorTraits,
  type VectorValue,
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
export function checkFilter(
  filter: Filter | undefined,
  traits: VectorTraits,
  operators: readonly FilterOperator[] = traits.filterOperators,
): Filter | undefined {
  if (filter === undefined) return undefined;
  const parsed = parseFilter(filter);
  const missing = operatorsOf(parsed).find((operator) => !operators.includes(operator));
  if (missing === undefined) return parsed;
  const where = operators === traits.filterOperators ? 'by this provider' : 'by a full read of this provider';
  throw new VecportError('not-supported', `The filter operator '${missing}' is not supported ${where}.`, {
    advice: operators.length === 0 ? 'It cannot filter.' : `It supports: ${operators.join(', ')}.`,
  });
}

/** What can be said of a query without asking the provider. */
export function checkQueryShape(query: SearchQuery, traits: VectorTraits): SearchQuery {
  checkInteger('topK', query.topK, 1, traits.maxTopK);
  for (const values of partsOf(query.vector)) {
    const position = values.findIndex((value) => !Number.isFinite(value));
    if (position < 0) continue;
    throw new VecportError('invalid-argument', `The query vector is ${values[position]} at position ${position}.`);
  }
  return { ...query, filter: checkFilter(query.filter, traits) };
}

/** Whether the query fits the vector it searches. @throws VecportError `invalid-argument`, `dimension-mismatch`. */
export function checkQueryVector(query: SearchQuery, description: CollectionDescription): void {
  const name = query.vectorName ?? onlyVector(description);
  const spec = specOf(description, name);
  const kind = kindOf(query.vector);
  if (kind !== spec.kind && !(kind === 'dense' && spec.kind === 'multi')) {
    throw new VecportError('invalid-argument', `The query vector is ${kind}; '${name}' is ${spec.kind}.`);
  }
  if (spec.kind === 'sparse') return;
  const other = partsOf(query.vector).find(({ length }) => length !== spec.dimension);
  if (other === undefined) return;
  throw new VecportError(
    'dimension-mismatch',
    `The query vector has ${other.length} dimensions; '${name}' has ${spec.dimension}.`,
  );
}

function kindOf(vector: VectorValue): VectorKind {
  if (vector instanceof Float32Array) return 'dense';
  return Array.isArray(vector) ? 'multi' : 'sparse';
}

/** The arrays of floats a query is made of. */
function partsOf(vector: VectorValue): readonly Float32Array[] {
  if (vector instanceof Float32Array) return [vector];
  if ('indices' in vector) {
    if (vector.indices instanceof Uint32Array && vector.values instanceof Float32Array) {
      checkIndices(vector.indices, vector.values.length);
      return [vector.values];
    }
  } else if (vector.length > 0 && vector.every((part) => part instanceof Float32Array)) {
    return vector;
  }
  throw new VecportError(
    'invalid-argument',
    'The query vector is neither a Float32Array, nor a sparse vector, nor a list of Float32Arrays.',
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
