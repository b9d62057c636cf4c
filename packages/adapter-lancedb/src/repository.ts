import type { Table } from '@lancedb/lancedb';
import {
  type CollectionDescription,
  type CollectionDriver,
  FILTER_OPERATORS,
  isIdOfKind,
  type VectorBatch,
  type VectorId,
  type VectorTraits,
  type WriteReport,
} from '@vecport/abstractions';
import type { DataType, RecordBatch } from 'apache-arrow';
import { typeName } from './arrow-types.js';
import { checkRows } from './check-rows.js';
import type { ArrowLibrary } from './client.js';
import { collectRecords } from './collect-records.js';
import { lanceCall, notSupported } from './errors.js';
import { DEFAULT_BATCH_SIZE, exportTable, planSlices } from './export.js';
import { compileFilter, integerLiteral, quoteText } from './filter.js';
import { vectorIndex } from './foreign-layout.js';
import { ID_COLUMN, SUPPORTED_METRICS, type TableLayout } from './layout.js';
import { pickPoints } from './pick-points.js';
import { pointColumns, readBatch } from './read-batch.js';
import { checkVectors, toArrowTable } from './records.js';
import { retryConflicts } from './retry-conflicts.js';
import { searchRows } from './search.js';
import { typedValues } from './typed-values.js';

/** Identifiers in one SQL list. */
const IDS_PER_QUERY = 1000;

/** What a new table can have. */
export const TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'snapshot',
  order: 'storage',
  idKinds: Object.freeze(['u64', 'i64', 'uuid', 'string'] as const),
  maxIdBytes: 65_536,
  maxDimension: 65_536,
  vectorKinds: Object.freeze(['dense', 'multi'] as const),
  elementTypes: Object.freeze(['float32'] as const),
  metrics: SUPPORTED_METRICS,
  normalizes: Object.freeze([]),
  filterOperators: FILTER_OPERATORS,
  filterFields: 'declared',
  leavesOutVectors: true,
  defaultBatchSize: DEFAULT_BATCH_SIZE,
  maxBatchSize: 16_384,
  maxWritePoints: 20_000,
  maxWriteBytes: 64 * 2 ** 20,
  maxTopK: 10_000,
});

/** An open table. */
export interface OpenTable {
  readonly arrow: ArrowLibrary;
  /** The handle for reads and writes; it follows the newest version. */
  readonly table: Table;
  readonly layout: TableLayout;
  /** Another handle on the same table. */
  openTable(): Promise<Table>;
}

/** The driver of one table. */
export function createCollection(open: OpenTable): CollectionDriver {
  const { table, layout } = open;
  // The native getter throws while a call of the table is running.
  const { name } = table;
  return {
    traits: traitsOf(layout),
    describe: async () => lanceCall(async () => describeTable(name, table, layout)),
    count: async (filter) => {
      const sql = filter === undefined ? undefined : compileFilter(filter, layout.filterColumns);
      return lanceCall(async () => table.countRows(sql));
    },
    upsertMany: async (batch, { signal }) => upsertRows(open, batch, signal),
    get: async (ids, { signal }) => getRows(open, ids, signal),
    deleteMany: async (ids, { signal }) => deleteRows(open, ids, signal),
    search: async (query) => searchRows(table, layout, query),
    exportAll: (options) => exportTable(open, options),
    slices: async (count, { filter }) => planSlices(open, count, filter),
    revision: async () => (await planSlices(open, 1, undefined)).snapshot ?? '',
  };
}

function traitsOf({ description, idType }: TableLayout): VectorTraits {
  return Object.freeze({
    ...TRAITS,
    idKinds: Object.freeze([...description.idKinds]),
    maxIdBytes: idType === 'integer' ? 20 : TRAITS.maxIdBytes,
  });
}

async function describeTable(
  name: string,
  table: Table,
  { description, vectors }: TableLayout,
): Promise<CollectionDescription> {
  const [schema, indices] = await Promise.all([table.schema(), table.listIndices()]);
  const found = await Promise.all(vectors.map(async ({ column }) => vectorIndex(table, column)));
  const specs = vectors.map(({ name: vector }, at) => {
    const [spec, index] = [description.vectors[vector], found[at]];
    return [vector, index === undefined ? spec : { ...spec, index: { type: index.type } }];
  });
  return {
    ...description,
    name,
    vectors: Object.fromEntries(specs) as CollectionDescription['vectors'],
    native: {
      schema: schema.fields.map(({ name, type, nullable }) => ({ name, type: typeName(type as DataType), nullable })),
      indices: indices.map(({ name, indexType, columns }) => ({ name, type: indexType, columns })),
    },
  };
}

async function upsertRows(
  { arrow, table, layout }: OpenTable,
  batch: VectorBatch,
  signal: AbortSignal | undefined,
): Promise<WriteReport> {
  if (layout.foreign !== undefined) {
    throw notSupported(
      'Vecport did not make this table and does not write to it.',
      'Export it and import it into a new collection.',
    );
  }
  checkVectors(layout, batch);
  const { batch: rows, failed, metadata } = checkRows(layout, batch);
  if (rows.ids.length === 0) return { accepted: 0, failed };
  const records = toArrowTable(arrow, layout, rows, typedValues(layout.typed, metadata));
  await retryConflicts(
    async () => table.mergeInsert(ID_COLUMN).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(records),
    signal,
  );
  return { accepted: rows.ids.length, failed };
}

async function getRows(
  { table, layout }: OpenTable,
  ids: readonly VectorId[],
  signal: AbortSignal | undefined,
): Promise<VectorBatch> {
  const wanted = [...new Set(ids)];
  const found: RecordBatch[] = [];
  for (const condition of idConditions(layout, wanted)) {
    signal?.throwIfAborted();
    found.push(
      ...(await lanceCall(async () => collectRecords(table.query().select(pointColumns(layout)).where(condition)))),
    );
  }
  return pickPoints(
    layout,
    found.map((records) => readBatch(layout, records)),
    wanted,
  );
}

async function deleteRows(
  { table, layout }: OpenTable,
  ids: readonly VectorId[],
  signal: AbortSignal | undefined,
): Promise<WriteReport> {
  for (const condition of idConditions(layout, ids)) {
    signal?.throwIfAborted();
    await retryConflicts(async () => table.delete(condition), signal);
  }
  return { accepted: ids.length, failed: [] };
}

function idConditions({ idType }: TableLayout, ids: readonly VectorId[]): string[] {
  const literals =
    idType === 'text'
      ? ids.map(quoteText)
      : ids.filter((id) => isIdOfKind(id, 'i64')).map((id) => integerLiteral(BigInt(id)));
  return Array.from({ length: Math.ceil(literals.length / IDS_PER_QUERY) }, (_, at) => {
    return `${ID_COLUMN} IN (${literals.slice(at * IDS_PER_QUERY, (at + 1) * IDS_PER_QUERY).join(', ')})`;
  });
}
