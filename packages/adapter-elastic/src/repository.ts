import {
  type CallOptions,
  type CollectionDriver,
  FILTER_OPERATORS,
  type Filter,
  type VectorTraits,
} from '@vecport/abstractions';
import { bytePool } from '@vecport/wire';
import { tuneForLoading } from './bulk-load.js';
import { type Elastic, pathOf } from './client.js';
import { describeLayout } from './describe.js';
import { brokenAnswer } from './errors.js';
import { DEFAULT_BATCH_SIZE, exportIndex, MAX_BATCH_SIZE } from './export.js';
import { compileFilter } from './filter.js';
import { findIndex } from './find-index.js';
import { getPoints } from './get.js';
import type { IndexLayout } from './layout.js';
import { checkShards } from './page.js';
import { hasRevision, readRevision } from './revision.js';
import { MAX_TOP_K, searchIndex } from './search.js';
import { planSlices, releaseSlices } from './slices.js';
import { deletePoints, upsertPoints } from './write.js';

/** What a collection can have; of an index that is there, what it has. */
export function traitsOf({ config }: Elastic, layout: IndexLayout | undefined): VectorTraits {
  const late = config.refresh === 'false';
  const isForeign = layout !== undefined && layout.meta === undefined;
  return Object.freeze<VectorTraits>({
    consistency: 'point-in-time',
    order: 'storage',
    idKinds: Object.freeze(
      layout === undefined
        ? (['u64', 'i64', 'uuid', 'string'] as const)
        : (layout.meta?.idKinds ?? (['string'] as const)),
    ),
    maxIdBytes: 512,
    maxDimension: 4096,
    vectorKinds: Object.freeze(['dense'] as const),
    elementTypes: Object.freeze(['float32', 'bfloat16', 'int8', 'binary'] as const),
    metrics: Object.freeze(['cosine', 'dot', 'euclidean', 'hamming'] as const),
    normalizes: Object.freeze([]),
    refusesZeroVectors: Object.freeze(['cosine'] as const),
    refusesLongVectors: Object.freeze(['cosine', 'dot', 'euclidean'] as const),
    ...(late && { eventual: Object.freeze(['count', 'search', 'exportAll'] as const) }),
    filterFields: 'declared',
    filterOperators: isForeign ? Object.freeze(FILTER_OPERATORS.filter((op) => op !== 'contains')) : FILTER_OPERATORS,
    leavesOutVectors: true,
    defaultBatchSize: DEFAULT_BATCH_SIZE,
    maxBatchSize: MAX_BATCH_SIZE,
    maxWritePoints: 10_000,
    maxWriteBytes: 32 * 2 ** 20,
    maxTopK: MAX_TOP_K,
  });
}

/** An index as a collection. */
export function createCollection(elastic: Elastic, layout: IndexLayout): CollectionDriver {
  const { unreadable, meta } = layout;
  // While a collection is loaded, writes are not made visible one by one.
  const unhurried: Elastic = { ...elastic, config: { ...elastic.config, refresh: 'false' } };
  const bodies = bytePool();
  let loads = 0;
  return {
    traits: traitsOf(elastic, layout),
    describe: async ({ signal }) => describeLayout(await findIndex(elastic, layout.collection, signal)),
    count: async (filter, options) => countPoints(elastic, layout, filter, options),
    upsertMany: async (batch, options) =>
      upsertPoints(loads > 0 ? unhurried : elastic, layout, batch, { ...options, bodies }),
    get: async (ids, options) => getPoints(elastic, layout, ids, options),
    deleteMany: async (ids, options) => deletePoints(elastic, layout, ids, options),
    search: async (query, options) => searchIndex(elastic, layout, query, options),
    ...(meta !== undefined && {
      bulkLoad: async (options) => {
        const tuned = await tuneForLoading(elastic, layout, options);
        loads++;
        return {
          restore: async () => {
            loads--;
            await tuned.restore();
          },
        };
      },
    }),
    ...(unreadable === undefined
      ? {
          exportAll: (options) => exportIndex(elastic, layout, options),
          slices: async (count, options) => planSlices(elastic, layout, count, options),
          releaseSlices: async (plan) => releaseSlices(elastic, plan),
          ...(hasRevision(layout) && {
            revision: async ({ signal }) => readRevision(elastic, layout, undefined, signal),
          }),
        }
      : { absent: { exportAll: unreadable, slices: unreadable } }),
  };
}

async function countPoints(
  elastic: Elastic,
  layout: IndexLayout,
  filter: Filter | undefined,
  { signal }: CallOptions,
): Promise<number> {
  const query = filter === undefined ? undefined : compileFilter(filter, layout.filterFields);
  const bytes = await elastic.read({
    method: 'POST',
    path: `${pathOf(layout.index)}/_count`,
    body: JSON.stringify(query === undefined ? {} : { query }),
    signal,
  });
  const { count, _shards } = JSON.parse(bytes.toString()) as { count?: unknown; _shards?: unknown };
  checkShards(Buffer.from(JSON.stringify(_shards ?? {})));
  if (typeof count !== 'number') throw brokenAnswer('Elasticsearch did not say how many points there are.');
  return count;
}
