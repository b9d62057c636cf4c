import type { JsonValue } from './lossless-json.js';
import type { VectorKind } from './vector-column.js';
import type { IdKind } from './vector-id.js';

/** How near two vectors are. A provider's own name is mapped by an explicit table; an unknown one is refused. */
export type Metric = 'cosine' | 'dot' | 'euclidean' | 'manhattan' | 'hamming' | 'jaccard';

/**
 * What a provider stores for one number of a vector. In our columns all of them are float32; a `binary`
 * vector has one number a bit, 0 or 1, and its dimension counts bits.
 */
export type ElementType = 'float32' | 'float16' | 'bfloat16' | 'int8' | 'uint8' | 'binary';

/** A search index in neutral words. */
export interface IndexDescription {
  /** E.g. `flat`, `hnsw`, `ivf_pq`. */
  readonly type: string;
  /** E.g. `{ m: 16, efConstruction: 128 }`. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** One named vector of a collection. */
export interface VectorSpec {
  readonly kind: VectorKind;
  /** Absent for sparse vectors. */
  readonly dimension?: number | undefined;
  readonly elementType: ElementType;
  /** Absent where the provider has none before an index is made. */
  readonly metric?: Metric | undefined;
  /** True where the provider returns unit vectors instead of what was written. */
  readonly normalized?: boolean | undefined;
  readonly index?: IndexDescription | undefined;
}

/** The type a metadata field is indexed as, so that it can be filtered by. */
export type FieldType = 'string' | 'integer' | 'number' | 'boolean' | 'string[]' | 'integer[]' | 'number[]';

/** A metadata field with a type, so that it can be indexed or filtered by. */
export interface FieldSpec {
  /** Dotted path into the metadata. */
  readonly name: string;
  readonly type: FieldType;
}

/**
 * What a collection is, in words every provider shares. A collection can be made from it, so it
 * comes from the provider's own description and never from looking at records.
 */
export interface CollectionDescription {
  readonly name: string;
  readonly vectors: Readonly<Record<string, VectorSpec>>;
  /** The kinds of identifier the collection can hold, at least one. */
  readonly idKinds: readonly IdKind[];
  /**
   * Metadata fields with a declared type or an index. Whether other fields can be filtered by as well,
   * `traits.filterFields` says.
   */
  readonly fields?: readonly FieldSpec[] | undefined;
  /** The model that made the vectors, where the collection knows. */
  readonly embeddingModel?: string | undefined;
  /** Points belong to tenants, see `OpenCollectionOptions.tenant`. False if not said. */
  readonly multiTenant?: boolean | undefined;
  /** What the credentials did not allow to be read and is therefore missing here, e.g. `index settings`. */
  readonly notDescribed?: readonly string[] | undefined;
  /** The provider's own settings, verbatim. Never holds a secret. */
  readonly native?: JsonValue | undefined;
}
