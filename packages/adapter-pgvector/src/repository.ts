import {
  type CallOptions,
  type CollectionDescription,
  type CollectionDriver,
  FILTER_OPERATORS,
  joinBatches,
  selectRows,
  type VectorBatch,
  type VectorId,
  type VectorTraits,
} from '@vecport/abstractions';
import { readTable } from './catalog.js';
import { MAX_DIMENSION } from './create-table.js';
import type { Database } from './database.js';
import { DEFAULT_BATCH_SIZE, exportTable, planSlices } from './export.js';
import { compileFilter } from './filter.js';
import { keyIn } from './key.js';
import { nativeDescription, type TableLayout } from './layout.js';
import { parseToken } from './position.js';
import { readPoints } from './read-points.js';
import { pointReader } from './records.js';
import { searchPoints } from './search.js';
import type { ServerFacts } from './server-facts.js';
import type { Snapshots } from './snapshots.js';
import { ELEMENT_TYPES, layoutOf } from './table-layout.js';
import { chunks, deletePoints, upsertPoints } from './write.js';

/** Longest text PostgreSQL's indexes take, with some room for what stands around it. */
const MAX_TEXT_ID_BYTES = 2600;
/** Identifiers in one list. */
const IDS_PER_QUERY = 2000;

/** What a new table can have. */
export function storeTraits({ types }: ServerFacts): VectorTraits {
  const known = Object.entries(ELEMENT_TYPES).filter(([type]) => types[type as keyof typeof types] !== undefined);
  return Object.freeze<VectorTraits>({
    consistency: 'point-in-time',
    order: 'id',
    idKinds: Object.freeze(['u64', 'i64', 'uuid', 'string'] as const),
    maxIdBytes: MAX_TEXT_ID_BYTES,
    maxDimension: MAX_DIMENSION,
    vectorKinds: Object.freeze(
      types.sparsevec === undefined ? (['dense', 'multi'] as const) : (['dense', 'sparse', 'multi'] as const),
    ),
    elementTypes: Object.freeze([...new Set(known.map(([, element]) => element))]),
    metrics: Object.freeze(['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard'] as const),
    normalizes: Object.freeze([]),
    filterOperators: FILTER_OPERATORS,
    leavesOutVectors: true,
    defaultBatchSize: DEFAULT_BATCH_SIZE,
    maxBatchSize: 16_384,
    maxWritePoints: 5000,
    maxWriteBytes: 32 * 2 ** 20,
    maxTopK: 10_000,
  });
}

/** An open table. */
export interface OpenTable {
  /** The collection's name, as it was opened. */
  readonly collection: string;
  readonly database: Database;
  readonly snapshots: Snapshots;
  readonly layout: TableLayout;
}

/** The driver of one table. */
export function createCollection(open: OpenTable): CollectionDriver {
  const { database, snapshots, layout } = open;
  return {
    traits: traitsOf(database.facts, layout),
    describe: async (options) => describeTable(open, options),
    count: async (filter, options) => {
      const where = filter === undefined ? 'true' : compileFilter(filter, layout);
      const sql = `SELECT count(*) FROM ${layout.relation} AS t WHERE ${where}`;
      const [row] = await database.read(options, async (session) => session.query(sql));
      return Number(row?.[0] ?? 0);
    },
    upsertMany: async (batch, options) => upsertPoints(database, layout, batch, options),
    get: async (ids, options) => getPoints(open, ids, options),
    deleteMany: async (ids, options) => deletePoints(database, layout, ids, options),
    search: async (query, options) => database.read(options, async (session) => searchPoints(session, layout, query)),
    exportAll: (options) => exportTable(open, options),
    slices: async (count, options) => planSlices(open, count, options),
    releaseSlices: async ({ slices }) => {
      const plans = new Set(slices.map((slice) => parseToken(slice).plan));
      for (const plan of plans) await snapshots.release(plan);
    },
  };
}

function traitsOf(facts: ServerFacts, { description, key }: TableLayout): VectorTraits {
  const [column] = key;
  const isText = key.length > 1 || column === undefined || column.kind === 'text' || column.kind === 'other';
  return Object.freeze({
    ...storeTraits(facts),
    idKinds: Object.freeze([...description.idKinds]),
    maxIdBytes: isText ? MAX_TEXT_ID_BYTES : column.kind === 'uuid' ? 36 : 20,
  });
}

async function describeTable(
  { collection, database, layout }: OpenTable,
  options: CallOptions,
): Promise<CollectionDescription> {
  const facts = await database.read(options, async (session) => readTable(session, layout.name));
  const { description } = layoutOf(layout.name, facts, database.facts);
  return { ...description, name: collection, native: nativeDescription(layout.name, facts) };
}

async function getPoints(
  { database, layout }: OpenTable,
  ids: readonly VectorId[],
  { signal }: CallOptions,
): Promise<VectorBatch> {
  const wanted = [...new Set(ids)];
  const batches = await database.read({ signal }, async (session) => {
    const found: VectorBatch[] = [];
    for (const some of chunks(wanted, IDS_PER_QUERY)) {
      const where = keyIn(layout.key, some);
      const query = { where, batchSize: IDS_PER_QUERY, silenceMs: database.config.timeoutMs, signal };
      for await (const batch of readPoints(session, layout, query)) found.push(batch);
    }
    return found;
  });
  const points = batches.length === 0 ? pointReader(layout, 1, false).take() : joinBatches(batches);
  const rowOf = new Map(points.ids.map((id, row) => [id, row]));
  return selectRows(
    points,
    wanted.flatMap((id) => rowOf.get(id) ?? []),
  );
}
