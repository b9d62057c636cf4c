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
  type WriteFailure,
  type WriteReport,
} from '@vecport/abstractions';
import { parseClass } from './class-schema.js';
import { classifyGrpc } from './client.js';
import { countObjects } from './count.js';
import { invalidArgument, noCollection, pointFailure, providerError } from './errors.js';
import { DEFAULT_BATCH_SIZE, exportObjects } from './export.js';
import { compileFilter } from './filter.js';
import { ALL_ID_KINDS, type CollectionLayout, readLayout } from './layout.js';
import type { OpenClass } from './open-class.js';
import { uuidOf } from './point-id.js';
import { cutUuids } from './position.js';
import { readObjects } from './read-objects.js';
import { readPage } from './read-page.js';
import { type BatchMessage, planWrite } from './records.js';
import { readBatchErrors, readDeleteFailures } from './replies.js';
import { deleteMessage, idsClause } from './requests.js';
import { expectedRowBytes, rowsWithin } from './row-bytes.js';
import { searchObjects } from './search.js';
import { ELEMENT_TYPES, METRICS } from './vector-index.js';

/** Identifiers in one filter. */
const IDS_PER_READ = 500;
const READ_BYTES = 16 * 2 ** 20;
/** A message of this size is taken by every server; larger ones gain nothing. */
const WRITE_BYTES = 32 * 2 ** 20;
/** Objects looked at for the dimension of a vector nobody declared. */
const SAMPLE = 100;
const NOT_FOUND = 404;

/** What a new collection can have. */
export const TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'scan',
  order: 'id',
  idKinds: ALL_ID_KINDS,
  mappedIdKinds: Object.freeze(['u64', 'i64', 'string'] as const),
  maxIdBytes: 65_536,
  maxDimension: 65_535,
  vectorKinds: Object.freeze(['dense', 'multi'] as const),
  elementTypes: ELEMENT_TYPES,
  metrics: METRICS,
  normalizes: Object.freeze([]),
  filterFields: 'declared',
  filterOperators: FILTER_OPERATORS,
  exportFilterOperators: Object.freeze([]),
  timestamps: Object.freeze(['createdAt', 'updatedAt'] as const),
  leavesOutVectors: true,
  defaultBatchSize: DEFAULT_BATCH_SIZE,
  maxBatchSize: 10_000,
  maxWritePoints: 1000,
  maxWriteBytes: WRITE_BYTES,
  maxTopK: 10_000,
});

/** The driver of one class, or of one tenant of it. */
export function createCollection(open: OpenClass): CollectionDriver {
  const { layout } = open;
  return {
    traits: traitsOf(layout),
    describe: async (options) => describeClass(open, options),
    count: async (filter, options) => {
      const clause = filter === undefined ? true : compileFilter(filter, layout);
      if (clause === false) return 0;
      return countObjects(open, clause === true ? undefined : clause, options);
    },
    upsertMany: async (batch, options) => upsertObjects(open, batch, options),
    get: async (ids, options) => getObjects(open, ids, options),
    deleteMany: async (ids, options) => deleteObjects(open, ids, options),
    search: async (query, options) => searchObjects(open, query, options),
    exportAll: (options) => exportObjects(open, options),
    slices: async (count) => ({ slices: cutUuids(count), consistency: 'scan' }),
  };
}

/** The driver of a class that is divided into tenants, opened without one: it can be described, and nothing else. */
export function createDividedCollection(open: OpenClass): CollectionDriver {
  const refuse = (): never => {
    throw invalidArgument(
      `The collection '${open.layout.name}' is divided into tenants.`,
      'Say whose points are meant: open it with a tenant, as in weaviate://host/Collection#tenant.',
    );
  };
  return {
    traits: traitsOf(open.layout),
    describe: async (options) => describeClass(open, options),
    count: async () => refuse(),
    upsertMany: async () => refuse(),
    get: async () => refuse(),
    deleteMany: async () => refuse(),
    search: async () => refuse(),
    exportAll: () => refuse(),
    slices: async () => refuse(),
  };
}

function traitsOf({ own, nullState, readByRest, description }: CollectionLayout): VectorTraits {
  const filterOperators = nullState ? FILTER_OPERATORS : FILTER_OPERATORS.filter((operator) => operator !== 'exists');
  const mapped = ALL_ID_KINDS.filter((kind) => kind !== 'uuid' && description.idKinds.includes(kind));
  return Object.freeze({
    ...TRAITS,
    idKinds: Object.freeze([...description.idKinds]),
    mappedIdKinds: own ? Object.freeze(mapped) : Object.freeze([]),
    filterOperators: Object.freeze([...filterOperators]),
    // By REST vectors come with the objects.
    leavesOutVectors: !readByRest,
  });
}

async function describeClass(open: OpenClass, options: CallOptions): Promise<CollectionDescription> {
  const { connection, layout } = open;
  const { status, body } = await connection.rest({
    path: `/schema/${layout.name}`,
    accept: [NOT_FOUND],
    ...options,
  });
  if (status === NOT_FOUND) throw noCollection(layout.name, 'It may have been dropped.');
  const { description } = readLayout(parseClass(body));
  if (!layout.multiTenant || open.target.tenant !== undefined) await learnDimensions(open, options);
  const vectors = Object.entries(description.vectors).map(([name, spec]) => {
    const dimension = spec.dimension ?? open.dimensions.get(name);
    return [name, dimension === undefined ? spec : { ...spec, dimension }] as const;
  });
  return { ...description, vectors: Object.fromEntries(vectors) };
}

/**
 * Find out the dimensions nobody declared. Weaviate's index takes them from the first vector it gets, and so does this:
 * they stay unknown where there is none.
 */
async function learnDimensions(open: OpenClass, options: CallOptions): Promise<void> {
  if (open.layout.vectors.every(({ name }) => open.dimensions.has(name))) return;
  const bare = { ...open, layout: { ...open.layout, properties: [], own: false, readByRest: false } };
  await readObjects(bare, { limit: SAMPLE }, options);
}

async function upsertObjects(open: OpenClass, batch: VectorBatch, options: CallOptions): Promise<WriteReport> {
  await checkStillThere(open, options);
  await learnDimensions(open, options);
  const failed = [...dimensionFailures(open, batch)];
  const refused = new Set(failed.map(({ id }) => id));
  const writable = refused.size === 0 ? batch : withoutIds(batch, refused);
  const maxBytes = Math.min(WRITE_BYTES, open.connection.maxMessageBytes / 2);
  const plan = planWrite(writable, open.layout, open.target, maxBytes);
  failed.push(...plan.failed);
  for (const message of plan.messages) failed.push(...(await sendBatch(open, message, options)));
  return { accepted: batch.ids.length - failed.length, failed };
}

// To a class that is gone, a server with auto-schema would write all the same: into a new one without any setting.
async function checkStillThere({ connection, layout }: OpenClass, options: CallOptions): Promise<void> {
  const { status } = await connection.rest({ path: `/schema/${layout.name}`, accept: [NOT_FOUND], ...options });
  if (status === NOT_FOUND) throw noCollection(layout.name, 'It may have been dropped.');
}

// An object whose vector the index refuses is stored nevertheless, so it must not get there.
function dimensionFailures({ layout, dimensions }: OpenClass, batch: VectorBatch): WriteFailure[] {
  for (const { name } of layout.vectors) {
    const column = batch.vectors[name];
    const dimension = dimensions.get(name);
    if (column === undefined || column.kind === 'sparse' || dimension === undefined) continue;
    if (column.dimension === dimension || column.values.length === 0) continue;
    const reason = `The vector '${name}' has ${column.dimension} dimensions; the collection has ${dimension}.`;
    return batch.ids.map((id) => ({ id, code: 'dimension-mismatch', reason }));
  }
  return [];
}

function withoutIds(batch: VectorBatch, ids: ReadonlySet<VectorId>): VectorBatch {
  return selectRows(
    batch,
    batch.ids.flatMap((id, row) => (ids.has(id) ? [] : [row])),
  );
}

async function sendBatch(open: OpenClass, { ids, bytes }: BatchMessage, options: CallOptions): Promise<WriteFailure[]> {
  options.signal?.throwIfAborted();
  const reply = await classifyGrpc(async () => open.connection.call('BatchObjects', bytes, options));
  return Array.from(readBatchErrors(reply), ([index, message]) => {
    const id = ids[index];
    if (id === undefined) throw providerError(`Weaviate reports a failure of object ${index} of ${ids.length}.`);
    return { id, ...pointFailure(message) };
  });
}

async function getObjects(open: OpenClass, ids: readonly VectorId[], options: CallOptions): Promise<VectorBatch> {
  if (ids.length === 0) return readPage(new Uint8Array(0), open).batch;
  const parts: VectorBatch[] = [];
  const step = rowsWithin(READ_BYTES, expectedRowBytes(open), IDS_PER_READ);
  for (let start = 0; start < ids.length; start += step) {
    options.signal?.throwIfAborted();
    const uuids = ids.slice(start, start + step).map(uuidOf);
    parts.push((await readObjects(open, { limit: uuids.length, filter: idsClause(uuids) }, options)).batch);
  }
  const found = joinBatches(parts);
  const rows = new Map(found.ids.map((id, row) => [id, row]));
  return selectRows(
    found,
    ids.flatMap((id) => rows.get(id) ?? []),
  );
}

async function deleteObjects(open: OpenClass, ids: readonly VectorId[], options: CallOptions): Promise<WriteReport> {
  if (ids.length === 0) return { accepted: 0, failed: [] };
  const message = deleteMessage(open.target, idsClause(ids.map(uuidOf)));
  const reply = await classifyGrpc(async () => open.connection.call('BatchDelete', message, options));
  const failures = readDeleteFailures(reply);
  if (failures > 0)
    throw providerError(`Weaviate could not delete ${failures} of ${ids.length} objects.`, 'Try again.');
  return { accepted: ids.length, failed: [] };
}
