import type { CollectionDescription, IndexDescription, JsonValue, Metric, VectorSpec } from '@vecport/abstractions';
import type { KeyColumn } from './key.js';
import type { TableName } from './names.js';

/** Types of columns that are vectors. */
export type VectorType = 'vector' | 'halfvec' | 'sparsevec' | 'bit';

/** One vector of a table. */
export interface VectorLayout {
  /** Name of the vector; `default` for the unnamed one. */
  readonly name: string;
  readonly column: string;
  readonly type: VectorType;
  readonly spec: VectorSpec;
  /** Dimensions the column's type declares: of a sparse one, the number its indices stay below. */
  readonly width: number | undefined;
}

/** A column that is part of the metadata of a table of somebody else's. */
export interface MetadataField {
  readonly name: string;
  /** The type as SQL prints it. */
  readonly type: string;
  /** Computed by the server: it can be read and not written. */
  readonly isGenerated: boolean;
}

/** What a table's columns are for. */
export interface TableLayout {
  readonly name: TableName;
  /** The table as SQL names it. */
  readonly relation: string;
  readonly key: readonly KeyColumn[];
  readonly vectors: readonly VectorLayout[];
  /** The columns of the metadata object; absent where Vecport made the table, which keeps metadata as JSON text. */
  readonly fields: readonly MetadataField[] | undefined;
  /** Neutral, without the collection's name. */
  readonly description: Omit<CollectionDescription, 'name'>;
}

/** Columns of the tables Vecport makes. */
export const ID_COLUMN = 'id';
/** The unnamed vector's column. */
export const EMBEDDING_COLUMN = 'embedding';
/** Metadata as it was written: the type `json` keeps the text. */
export const METADATA_COLUMN = 'metadata';
/** The same for filters, computed by the server. */
export const FILTER_COLUMN = 'metadata_jsonb';

/** A column as the catalog tells it. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  /** Object id of the type. */
  readonly typeId: string;
  /** Object id of the elements' type, `0` for what is no array. */
  readonly elementTypeId: string;
  readonly modifier: number;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly identity: string;
  readonly generated: string;
  readonly collation: string | null;
  /** Texts that are equal are the same text. */
  readonly deterministic: boolean;
}

/** An index as the catalog tells it. */
export interface IndexFacts {
  readonly name: string;
  readonly method: string;
  readonly definition: string;
  readonly isPrimary: boolean;
  /** A whole table's uniqueness, enforced at once, of plain columns. */
  readonly isKey: boolean;
  readonly columns: readonly (string | null)[];
  readonly operatorClass: string;
  readonly options: readonly string[] | null;
}

/** A table as the catalog tells it. */
export interface TableFacts {
  readonly kind: string;
  readonly comment: string | null;
  readonly rowSecurity: boolean;
  readonly columns: readonly ColumnFacts[];
  readonly indexes: readonly IndexFacts[];
  readonly constraints: readonly { readonly name: string; readonly type: string; readonly definition: string }[];
}

/** What `describe` gives as the provider's own. */
export function nativeDescription(name: TableName, facts: TableFacts): JsonValue {
  return {
    schema: name.schema,
    table: name.table,
    kind: facts.kind === 'p' ? 'partitioned table' : 'table',
    comment: facts.comment,
    rowSecurity: facts.rowSecurity,
    columns: facts.columns.map(({ name: column, type, notNull, default: initial, identity, generated, collation }) => ({
      name: column,
      type,
      notNull,
      default: initial,
      identity: identity !== '',
      generated: generated !== '',
      collation,
    })),
    indexes: facts.indexes.map(({ name: index, method, definition }) => ({ name: index, method, definition })),
    constraints: facts.constraints.map(({ name: constraint, type, definition }) => ({
      name: constraint,
      type,
      definition,
    })),
  };
}

const OPERATOR_CLASS_METRICS: readonly (readonly [suffix: string, metric: Metric])[] = [
  ['_cosine_ops', 'cosine'],
  ['_ip_ops', 'dot'],
  ['_l2_ops', 'euclidean'],
  ['_l1_ops', 'manhattan'],
  ['bit_hamming_ops', 'hamming'],
  ['bit_jaccard_ops', 'jaccard'],
];

/** The metric of an index, told by its operator class; `undefined` for one that is not pgvector's. */
export function metricOfIndex({ operatorClass }: IndexFacts): Metric | undefined {
  return OPERATOR_CLASS_METRICS.find(([suffix]) => operatorClass.endsWith(suffix))?.[1];
}

/** The indexes for searching a column. */
export function vectorIndexes(facts: TableFacts, column: string): readonly IndexFacts[] {
  return facts.indexes.filter((index) => index.columns[0] === column && metricOfIndex(index) !== undefined);
}

/** An index in neutral words. */
export function neutralIndex({ method, options }: IndexFacts): IndexDescription {
  const parameters = Object.fromEntries((options ?? []).map(neutralOption));
  return { type: method, ...(Object.keys(parameters).length > 0 ? { parameters } : {}) };
}

function neutralOption(option: string): readonly [string, string | number] {
  const [name = '', value = ''] = option.split('=');
  const neutral = name === 'ef_construction' ? 'efConstruction' : name;
  return [neutral, /^\d+$/.test(value) ? Number(value) : value];
}
