import type { Table } from '@lancedb/lancedb';
import type { FieldType, IndexDescription, Metric, VectorSpec } from '@vecport/abstractions';
import { DEFAULT_VECTOR } from '@vecport/abstractions';
import type { DataType, Field, Schema } from 'apache-arrow';
import { typeName } from './arrow-types.js';
import type { ArrowLibrary } from './client.js';
import { notSupported } from './errors.js';
import { type FilterColumn, ID_COLUMN, quoteName, type TableLayout, type VectorLayout } from './layout.js';

/**
 * The layout of a table that Vecport did not make, which can be read and searched but not written:
 * `id` is its identifier, every fixed-size list of float32 (or list of such) is a vector named like
 * its column (`vector` is the default one), and all other columns together are the metadata object.
 * @throws VecportError `not-supported`, naming the column that cannot be carried exactly.
 */
export function readForeignLayout(arrow: ArrowLibrary, name: string, schema: Schema): TableLayout {
  const { DataType } = arrow;
  const fields = schema.fields as readonly Field<DataType>[];
  const idField = fields.find((field) => field.name === ID_COLUMN);
  if (idField === undefined || !(DataType.isUtf8(idField.type) || isInt64(arrow, idField.type))) {
    throw notSupported(`The table '${name}' has no column '${ID_COLUMN}' of type Utf8 or Int64.`);
  }
  const others = fields.filter((field) => field !== idField);
  const vectors = others.flatMap((field) => asVector(arrow, field) ?? []);
  const columns = others.filter((field) => asVector(arrow, field) === undefined);
  for (const field of columns) refuseInexact(arrow, name, field.name, field.type);
  const filterColumns = new Map(columns.flatMap((field) => asFilterColumn(arrow, field)));
  const integer = isInt64(arrow, idField.type);
  return {
    description: {
      vectors: Object.fromEntries(
        vectors.map(({ name: vector, kind, dimension }) => [vector, { kind, dimension, elementType: 'float32' }]),
      ),
      idKinds: [integer ? 'i64' : 'string'],
      fields: [...filterColumns].map(([field, { type }]) => ({ name: field, type })),
    },
    tableId: undefined,
    idType: integer ? 'integer' : 'text',
    vectors,
    typed: [],
    foreign: columns.map((field) => field.name),
    filterColumns,
  };
}

/** The layout with the metrics that its vector indexes were made with, where it has none by itself. */
export async function withIndexMetrics(table: Table, layout: TableLayout): Promise<TableLayout> {
  const found = await Promise.all(layout.vectors.map(async (vector) => indexMetric(table, vector)));
  const vectors = layout.vectors.map((vector, at) => ({ ...vector, metric: vector.metric ?? found[at] }));
  const specs = vectors.map(({ name, metric }): [string, VectorSpec] => {
    const spec = layout.description.vectors[name];
    return [name, { kind: 'dense', elementType: 'float32', ...spec, metric }];
  });
  return { ...layout, vectors, description: { ...layout.description, vectors: Object.fromEntries(specs) } };
}

/** The vector index of a column, if it has one. */
export async function vectorIndex(
  table: Table,
  column: string,
): Promise<(IndexDescription & { readonly name: string }) | undefined> {
  const index = (await table.listIndices()).find(
    ({ columns, indexType }) => columns.includes(column) && /ivf|hnsw/i.test(indexType),
  );
  if (index === undefined) return undefined;
  return { name: index.name, type: index.indexType.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase() };
}

async function indexMetric(table: Table, { column }: VectorLayout): Promise<Metric | undefined> {
  const index = await vectorIndex(table, column);
  if (index === undefined) return undefined;
  const distance = (await table.indexStats(index.name))?.distanceType;
  return distance === 'l2' ? 'euclidean' : distance === 'cosine' || distance === 'dot' ? distance : undefined;
}

function asVector({ DataType }: ArrowLibrary, { name: column, type }: Field<DataType>): VectorLayout | undefined {
  const isMulti = DataType.isList(type);
  const list: DataType = isMulti ? itemOf(type) : type;
  if (!DataType.isFixedSizeList(list) || typeName(itemOf(list)) !== 'Float32') return undefined;
  const name = column === 'vector' ? DEFAULT_VECTOR : column;
  return { name, column, kind: isMulti ? 'multi' : 'dense', dimension: list.listSize, metric: undefined };
}

// Types whose values are JSON values without loss.
function refuseInexact(arrow: ArrowLibrary, table: string, path: string, type: DataType): void {
  const { DataType } = arrow;
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isBool(type) || DataType.isInt(type)) return;
  if (/^Float(32|64)$/.test(typeName(type))) return;
  if (DataType.isList(type) || DataType.isStruct(type)) {
    for (const child of type.children as readonly Field<DataType>[])
      refuseInexact(arrow, table, `${path}.${child.name}`, child.type);
    return;
  }
  throw notSupported(
    `The column '${path}' of the table '${table}' is of type ${typeName(type)}, which JSON metadata cannot hold exactly.`,
    'Cast or drop the column in a copy of the table.',
  );
}

function asFilterColumn(
  { DataType }: ArrowLibrary,
  { name, type }: Field<DataType>,
): readonly (readonly [string, FilterColumn])[] {
  if (/^(Int8|Int16|Int32|Uint8|Uint16|Uint32)$/.test(typeName(type))) {
    return [[name, { expression: `CAST(${quoteName(name)} AS BIGINT)`, type: 'integer' }]];
  }
  if (typeName(type) === 'Float32')
    return [[name, { expression: `CAST(${quoteName(name)} AS DOUBLE)`, type: 'number' }]];
  const scalar = scalarType(type);
  const item = DataType.isList(type) ? scalarType(itemOf(type)) : undefined;
  const found: FieldType | undefined = scalar ?? (item === undefined || item === 'boolean' ? undefined : `${item}[]`);
  return found === undefined ? [] : [[name, { expression: quoteName(name), type: found }]];
}

function itemOf(list: { readonly children: readonly Field[] }): DataType {
  const [item] = list.children;
  return item?.type as DataType;
}

function scalarType(type: DataType): 'string' | 'integer' | 'number' | 'boolean' | undefined {
  const known = { Utf8: 'string', Int64: 'integer', Float64: 'number', Bool: 'boolean' } as const;
  return known[typeName(type) as keyof typeof known];
}

function isInt64(arrow: ArrowLibrary, type: DataType): boolean {
  return arrow.DataType.isInt(type) && typeName(type) === 'Int64';
}
