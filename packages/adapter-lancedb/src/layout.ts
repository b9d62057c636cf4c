import type { CollectionDescription, FieldSpec, FieldType, Metric } from '@vecport/abstractions';
import { DEFAULT_VECTOR, VecportError } from '@vecport/abstractions';
import type { Field, Schema } from 'apache-arrow';
import { denseType, fieldType, multiType } from './arrow-types.js';
import type { ArrowLibrary } from './client.js';
import { PROVIDER } from './config.js';
import { invalidArgument, notSupported } from './errors.js';

// Key of the Arrow schema metadata under which a table says that and how Vecport made it.
const TABLE_KEY = 'vecport';
export const ID_COLUMN = 'id';
export const METADATA_COLUMN = 'metadata';

// Without it two writers that insert the same new id at the same time both do, and the point is there twice.
const PRIMARY_KEY = new Map([['lance-schema:unenforced-primary-key', 'true']]);

/** A vector and the column it is in. */
export interface VectorLayout {
  readonly name: string;
  readonly column: string;
  readonly kind: 'dense' | 'multi';
  readonly dimension: number;
  readonly metric: Metric | undefined;
}

/** A metadata field and the column in which its values stand a second time, typed. */
export interface TypedColumn extends FieldSpec {
  readonly column: string;
}

/** What a filter compares: an SQL expression and its type. */
export interface FilterColumn {
  readonly expression: string;
  readonly type: FieldType;
}

/** How the points of a table lie in its columns. */
export interface TableLayout {
  /** What the collection is, but for its name and the provider's own settings. */
  readonly description: Omit<CollectionDescription, 'name' | 'native'>;
  /** Tells a table from another of the same name, made after it was dropped. Unknown for tables of others. */
  readonly tableId: string | undefined;
  readonly idType: 'text' | 'integer';
  readonly vectors: readonly VectorLayout[];
  /** Columns that Vecport fills from the metadata. */
  readonly typed: readonly TypedColumn[];
  /** Columns that are the metadata, in a table Vecport did not make; such a table is not written to. */
  readonly foreign: readonly string[] | undefined;
  readonly filterColumns: ReadonlyMap<string, FilterColumn>;
}

const METRICS: Readonly<Partial<Record<Metric, 'cosine' | 'dot' | 'l2'>>> = {
  cosine: 'cosine',
  dot: 'dot',
  euclidean: 'l2',
};

/** The metrics LanceDB computes. */
export const SUPPORTED_METRICS = Object.freeze(Object.keys(METRICS) as Metric[]);

/** LanceDB's name of a metric; its own default, `l2`, where none was said. */
export function distanceType(metric: Metric | undefined): 'cosine' | 'dot' | 'l2' {
  return (metric === undefined ? undefined : METRICS[metric]) ?? 'l2';
}

/**
 * The layout of a new table. Index settings and `normalized` are qualities of the store a description
 * comes from and are not taken over: an index is made over data, so there is none in a new table.
 * @throws VecportError `not-supported` for what LanceDB cannot keep, by name.
 */
export function planTable(description: CollectionDescription, tableId: string): TableLayout {
  const { idKinds, embeddingModel } = description;
  const specs = Object.entries(description.vectors);
  const vectorColumns = columnNames(specs.map(([name]) => (name === DEFAULT_VECTOR ? 'vector' : `vector_${name}`)));
  const vectors = specs.map(([name], at) => planVector(description, name, vectorColumns[at] ?? ''));
  const fields = (description.fields ?? []).map(({ name, type }) => ({ name, type }));
  const fieldColumns = columnNames(fields.map(({ name }) => `field_${name}`));
  const typed = fields.map((field, at) => ({ ...field, column: fieldColumns[at] ?? '' }));
  const kept = vectors.map(
    ({ name, kind, dimension, metric }) => [name, { kind, dimension, elementType: 'float32', metric }] as const,
  );
  return {
    description: { vectors: Object.fromEntries(kept), idKinds, fields, embeddingModel },
    tableId,
    idType: 'text',
    vectors,
    typed,
    foreign: undefined,
    filterColumns: new Map(typed.map((column) => [column.name, filterColumn(column)])),
  };
}

/** The Arrow schema of a table Vecport makes, with the description in its metadata. */
export function schemaOf(arrow: ArrowLibrary, layout: TableLayout): Schema {
  const { tableId, description } = layout;
  return new arrow.Schema(
    [
      new arrow.Field(ID_COLUMN, new arrow.Utf8(), false, PRIMARY_KEY),
      new arrow.Field(METADATA_COLUMN, new arrow.Utf8(), true),
      ...layout.vectors.map((vector) => vectorField(arrow, vector)),
      ...layout.typed.map(({ column, type }) => new arrow.Field(column, fieldType(arrow, type), true)),
    ],
    new Map([[TABLE_KEY, JSON.stringify({ format: 1, tableId, description })]]),
  );
}

/**
 * The layout of a table that Vecport made, read from its schema; `undefined` for a table of others.
 * @throws VecportError `corrupt-data` when columns were taken away, `not-supported` for a later format.
 */
export function readOwnLayout(name: string, schema: Schema): TableLayout | undefined {
  const text = schema.metadata.get(TABLE_KEY);
  if (text === undefined) return undefined;
  const { format, tableId, description } = parseStored(name, text);
  if (format !== 1)
    throw notSupported(`The table '${name}' is of format ${format}, made by a later Vecport.`, 'Update Vecport.');
  const layout = planTable({ name, ...description }, tableId);
  const columns = new Set(schema.fields.map((field) => field.name));
  const wanted = [
    ID_COLUMN,
    METADATA_COLUMN,
    ...layout.vectors.map(({ column }) => column),
    ...layout.typed.map(({ column }) => column),
  ];
  const gone = wanted.filter((column) => !columns.has(column));
  if (gone.length === 0) return layout;
  throw new VecportError(
    'corrupt-data',
    `The table '${name}' was made by Vecport and lacks its columns ${gone.join(', ')}.`,
    { provider: PROVIDER },
  );
}

function filterColumn({ column, type }: TypedColumn): FilterColumn {
  const name = quoteName(column);
  return { expression: type === 'boolean' ? `CAST(${name} AS BOOLEAN)` : name, type };
}

/** A column name in SQL. */
export function quoteName(column: string): string {
  return `\`${column.replaceAll('`', '``')}\``;
}

interface StoredTable {
  readonly format: number;
  readonly tableId: string;
  readonly description: Omit<CollectionDescription, 'name' | 'native'>;
}

function parseStored(name: string, text: string): StoredTable {
  try {
    return JSON.parse(text) as StoredTable;
  } catch (cause) {
    throw new VecportError('corrupt-data', `What Vecport wrote about the table '${name}' cannot be read.`, {
      provider: PROVIDER,
      cause,
    });
  }
}

function planVector({ vectors }: CollectionDescription, name: string, column: string): VectorLayout {
  const spec = vectors[name];
  if (spec === undefined) throw invalidArgument(`The vector '${name}' has no description.`);
  const { kind, dimension, elementType, metric } = spec;
  if (kind === 'sparse') throw notSupported(`The vector '${name}' is sparse: LanceDB has no sparse vectors.`);
  if (elementType !== 'float32')
    throw notSupported(`The vector '${name}' is of ${elementType}: this adapter keeps float32.`);
  if (metric !== undefined && METRICS[metric] === undefined) {
    throw notSupported(
      `The vector '${name}' has the metric ${metric}: LanceDB computes ${SUPPORTED_METRICS.join(', ')}.`,
    );
  }
  if (dimension === undefined || !Number.isInteger(dimension) || dimension < 1) {
    throw invalidArgument(`The vector '${name}' needs a dimension, a whole number from 1.`);
  }
  return { name, column, kind, dimension, metric };
}

// LanceDB's filters do not tell upper from lower case in column names, and a dot goes into a struct.
function columnNames(wanted: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return wanted.map((text) => {
    const base = text.replace(/[^A-Za-z0-9_]/g, '_');
    let name = base;
    for (let copy = 2; taken.has(name.toLowerCase()); copy++) name = `${base}_${copy}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function vectorField(arrow: ArrowLibrary, { column, kind, dimension }: VectorLayout): Field {
  const type = kind === 'dense' ? denseType(arrow, dimension) : multiType(arrow, dimension);
  return new arrow.Field(column, type, true);
}
