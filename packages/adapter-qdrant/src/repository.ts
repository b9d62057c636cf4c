import {
  type CollectionDriver,
  type Filter,
  joinBatches,
  selectRows,
  type VectorBatch,
  type VectorId,
  type VectorTraits,
  type WriteReport,
} from '@vecport/abstractions';
import { BatchBuilder } from '@vecport/wire';
import type { ServerFilter } from './conditions.js';
import { type CollectionInfo, describeCollection, hasLaggingReplicas, ID_KINDS, layoutOf } from './describe.js';
import { DEFAULT_BATCH_SIZE, exportPoints } from './export.js';
import { compileFilter } from './filter.js';
import type { CollectionLayout } from './layout.js';
import { pointIdOf } from './point-id.js';
import type { FetchedPoints, PointCall, PointTransport, ShardKey } from './points.js';
import { checkPoints } from './records.js';
import { searchPoints } from './search.js';
import { planSlices } from './slices.js';

/** Bytes of vectors that are asked for at once by identifier. */
const GET_BYTES = 8 * 2 ** 20;

/** What a new collection can have. */
export const TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'scan',
  order: 'id',
  idKinds: ID_KINDS,
  mappedIdKinds: Object.freeze(['i64', 'string'] as const),
  maxIdBytes: 65_536,
  maxDimension: 65_536,
  vectorKinds: Object.freeze(['dense', 'sparse', 'multi'] as const),
  elementTypes: Object.freeze(['float32', 'float16', 'uint8'] as const),
  metrics: Object.freeze(['cosine', 'dot', 'euclidean', 'manhattan'] as const),
  normalizes: Object.freeze(['cosine'] as const),
  refusesLongVectors: Object.freeze(['cosine'] as const),
  filterFields: 'any',
  filterOperators: Object.freeze(['and', 'or', 'not', 'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'contains'] as const),
  defaultBatchSize: DEFAULT_BATCH_SIZE,
  maxBatchSize: 10_000,
  maxWritePoints: 1000,
  // A REST body may have 32 MB, and a float32 takes up to four times its size as text.
  maxWriteBytes: 6 * 2 ** 20,
  maxTopK: 10_000,
});

/** An open collection. */
export interface OpenCollection {
  readonly name: string;
  readonly transport: PointTransport;
  /** What the server said when it was opened. */
  readonly info: CollectionInfo;
  readonly shardKey: ShardKey | undefined;
  /** Ask the server again. */
  readonly askInfo: (signal: AbortSignal | undefined) => Promise<CollectionInfo>;
}

/** The driver of one collection. */
export function createCollection(open: OpenCollection): CollectionDriver {
  const { name, transport, info, shardKey } = open;
  const layout = layoutOf(info);
  const callOf = (signal: AbortSignal | undefined): PointCall => ({ collection: name, shardKey, signal });
  return {
    traits: traitsOf(info),
    describe: async ({ signal }) => describeCollection(name, await open.askInfo(signal)),
    count: async (filter, { signal }) => {
      const compiled = compiledOrAll(filter);
      return compiled === false ? 0 : transport.count(compiled, callOf(signal));
    },
    upsertMany: async (batch, { signal }) => upsertPoints(transport, layout, batch, callOf(signal)),
    get: async (ids, { signal }) => getPoints(transport, layout, ids, callOf(signal)),
    deleteMany: async (ids, { signal }) => {
      if (ids.length > 0) await transport.remove(ids.map(pointIdOf), callOf(signal));
      return { accepted: ids.length, failed: [] };
    },
    search: async (query, { signal }) => searchPoints(transport, layout, query, callOf(signal)),
    exportAll: (options) => exportPoints({ transport, layout, call: callOf(options.signal) }, options),
    slices: async (count, { filter, signal }) => {
      const compiled = compiledOrAll(filter);
      return planSlices(transport, compiled === false ? 1 : count, compiled || undefined, callOf(signal));
    },
  };
}

/** The filter for the server, `undefined` for everything, `false` where nothing can match. */
function compiledOrAll(filter: Filter | undefined): ServerFilter | undefined | false {
  if (filter === undefined) return undefined;
  const compiled = compileFilter(filter);
  return compiled === true ? undefined : compiled;
}

function traitsOf(info: CollectionInfo): VectorTraits {
  if (!hasLaggingReplicas(info)) return TRAITS;
  return Object.freeze({ ...TRAITS, eventual: Object.freeze(['count', 'get', 'search', 'exportAll'] as const) });
}

async function upsertPoints(
  transport: PointTransport,
  layout: CollectionLayout,
  batch: VectorBatch,
  call: PointCall,
): Promise<WriteReport> {
  const { points, failed } = checkPoints(batch, layout);
  if (points.length > 0) await transport.upsert({ ...call, batch, points }, layout);
  return { accepted: points.length, failed };
}

async function getPoints(
  transport: PointTransport,
  layout: CollectionLayout,
  ids: readonly VectorId[],
  call: PointCall,
): Promise<VectorBatch> {
  const wanted = [...new Set(ids.map(pointIdOf))];
  const rowBytes = layout.vectors.reduce((sum, { dimension }) => sum + dimension * 4, 1024);
  const size = Math.max(1, Math.min(1000, Math.floor(GET_BYTES / rowBytes)));
  const pages: FetchedPoints[] = [];
  for (let start = 0; start < wanted.length; start += size) {
    pages.push(await transport.retrieve(wanted.slice(start, start + size), call, layout));
  }
  if (pages.length === 0) return new BatchBuilder(layout.specs, 1).build();
  const rows = new Map(pages.flatMap(({ pointIds }) => pointIds).map((id, row) => [id, row]));
  const found = wanted.flatMap((id) => rows.get(id) ?? []);
  return selectRows(joinBatches(pages.map(({ batch }) => batch)), found);
}
