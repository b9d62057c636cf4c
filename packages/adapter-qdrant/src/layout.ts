import { DEFAULT_VECTOR, type ElementType, type Metric, type VectorKind } from '@vecport/abstractions';
import type { BuilderSpec } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { notSupported } from './errors.js';

/** A vector of a collection. */
export interface VectorLayout {
  /** As Qdrant calls it: the empty text for the unnamed one. */
  readonly key: string;
  /** As we call it. */
  readonly name: string;
  readonly kind: VectorKind;
  /** 0 for sparse vectors. */
  readonly dimension: number;
  readonly elementType: ElementType;
  readonly metric: Metric;
  /** Qdrant stores unit vectors in its place. */
  readonly normalized: boolean;
}

/** The vectors of a collection. */
export interface CollectionLayout {
  readonly vectors: readonly VectorLayout[];
  /** By Qdrant's name. */
  readonly byKey: ReadonlyMap<string, VectorLayout>;
  /** By our name. */
  readonly byName: ReadonlyMap<string, VectorLayout>;
  /** The columns of a page. */
  readonly specs: Readonly<Record<string, BuilderSpec>>;
  /** The collection has an unnamed vector, which Qdrant answers without a name where it is alone. */
  readonly unnamed: boolean;
}

/** Qdrant's names of metrics. */
export const METRIC_OF_DISTANCE: Readonly<Record<string, Metric>> = {
  Cosine: 'cosine',
  Dot: 'dot',
  Euclid: 'euclidean',
  Manhattan: 'manhattan',
};

const ELEMENT_TYPES: readonly ElementType[] = ['float32', 'float16', 'uint8'];

/** The part of a collection's parameters that says what its vectors are. */
export interface VectorsParams {
  readonly vectors?: unknown;
  readonly sparse_vectors?: unknown;
}

/**
 * The vectors of a collection from its parameters, in the order of their names.
 * @throws VecportError `not-supported` for a distance or a data type this adapter does not know.
 */
export function readLayout(params: VectorsParams): CollectionLayout {
  const dense = denseParams(params.vectors).map(([key, value]) => denseLayout(key, value));
  const sparse = entries(params.sparse_vectors).map(([key, value]) => sparseLayout(key, value));
  const vectors = [...dense, ...sparse].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const byName = new Map(vectors.map((vector) => [vector.name, vector]));
  if (byName.size < vectors.length) {
    throw notSupported(`The collection has an unnamed vector and one named '${DEFAULT_VECTOR}', or a name twice.`);
  }
  return {
    vectors,
    byKey: new Map(vectors.map((vector) => [vector.key, vector])),
    byName,
    specs: Object.fromEntries(vectors.map(({ name, kind, dimension }) => [name, { kind, dimension }])),
    unnamed: dense.some(({ key }) => key === ''),
  };
}

/** The dense vectors' parameters by name; the name of the unnamed one is empty. */
export function denseParams(vectors: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  const object = asObject(vectors);
  return typeof object['size'] === 'number' ? [['', object]] : entries(vectors);
}

/** A value as an object; what is none is an empty one. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function entries(value: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
  return Object.entries(asObject(value)).map(([name, inner]) => [name, asObject(inner)]);
}

function denseLayout(key: string, params: Readonly<Record<string, unknown>>): VectorLayout {
  const { size, distance, datatype, multivector_config: multi } = params;
  const name = key === '' ? DEFAULT_VECTOR : key;
  const metric = typeof distance === 'string' ? METRIC_OF_DISTANCE[distance] : undefined;
  if (metric === undefined || typeof size !== 'number') {
    throw notSupported(
      `The vector '${name}' has the distance '${String(distance)}' and the size '${String(size)}', which ${PROVIDER} does not have.`,
    );
  }
  const elementType = elementTypeOf(name, datatype);
  return {
    key,
    name,
    kind: multi === undefined || multi === null ? 'dense' : 'multi',
    dimension: size,
    elementType,
    metric,
    // Vectors of bytes are compared by cosine and stay as they are.
    normalized: metric === 'cosine' && elementType !== 'uint8',
  };
}

function sparseLayout(key: string, params: Readonly<Record<string, unknown>>): VectorLayout {
  const name = key === '' ? DEFAULT_VECTOR : key;
  const elementType = elementTypeOf(name, asObject(params['index'])['datatype']);
  return { key, name, kind: 'sparse', dimension: 0, elementType, metric: 'dot', normalized: false };
}

function elementTypeOf(name: string, datatype: unknown): ElementType {
  const found = ELEMENT_TYPES.find((type) => type === (datatype ?? 'float32'));
  if (found !== undefined) return found;
  throw notSupported(`The vector '${name}' has the data type '${String(datatype)}', which this version does not know.`);
}
