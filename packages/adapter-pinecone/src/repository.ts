import type {
  CallOptions,
  CollectionDriver,
  ExportBatch,
  ExportOptions,
  VectorBatch,
  VectorId,
  VectorTraits,
} from '@vecport/abstractions';
import { invalidArgument, notSupported } from './errors.js';
import { DEFAULT_BATCH_SIZE, type ExportSource, exportPoints } from './export.js';
import { exportMatches } from './export-filtered.js';
import { fetchRecords, groupIds, recordsPerRequest } from './fetch-records.js';
import { FILTER_OPERATORS } from './filter.js';
import { describeIndex } from './index-info.js';
import { countOf, hasNamespaces, readStats } from './namespaces.js';
import { addRecord, builderFor } from './read-record.js';
import { searchPoints } from './search.js';
import { MAX_METADATA_BYTES } from './store-metadata.js';
import { storedId } from './stored-id.js';
import { deleteRecords, writeBatch } from './write-records.js';

/** What a new index can have. */
export const TRAITS: VectorTraits = Object.freeze<VectorTraits>({
  consistency: 'scan',
  order: 'storage',
  idKinds: Object.freeze(['u64', 'i64', 'uuid', 'string'] as const),
  maxIdBytes: 512,
  maxDimension: 20_000,
  vectorKinds: Object.freeze(['dense', 'sparse'] as const),
  elementTypes: Object.freeze(['float32'] as const),
  metrics: Object.freeze(['cosine', 'dot', 'euclidean'] as const),
  normalizes: Object.freeze([]),
  refusesZeroVectors: Object.freeze(['cosine', 'dot', 'euclidean'] as const),
  maxMetadataBytes: MAX_METADATA_BYTES,
  eventual: Object.freeze(['count', 'get', 'search', 'exportAll'] as const),
  filterFields: 'any',
  filterOperators: FILTER_OPERATORS,
  // pinecone.io/learn/read-units
  readCost:
    'Pinecone charges a read unit for each page of 100 identifiers and for 10 points: a full read costs about 0.11 units a point.',
  defaultBatchSize: DEFAULT_BATCH_SIZE,
  maxBatchSize: 10_000,
  maxWritePoints: 1000,
  maxWriteBytes: 2_000_000,
  maxTopK: 10_000,
});

const NO_EXPORT = [
  'Pod-based indexes cannot list their records.',
  'Copy the index into a serverless one (a collection made from it, or the migration in the Pinecone console) and export that, or get the points whose ids you know.',
].join(' ');
const NO_SLICES =
  'Pinecone lists the records of a namespace one page after the other; a full read fetches in parallel by itself, and namespaces can be read side by side.';

/** The driver of a namespace of an index. */
export function createCollection(source: ExportSource): CollectionDriver {
  const { host, info, namespace } = source;
  const { pod } = info;
  return {
    traits: Object.freeze({
      ...TRAITS,
      // Pods are paid by the hour, and not read in full.
      ...(pod && { readCost: undefined }),
      idKinds: Object.freeze([...info.idKinds]),
    }),
    describe: async ({ signal }) =>
      describeIndex(info, namespace !== undefined || (await hasNamespaces(host, pod, signal))),
    count: async (filter, { signal }) => {
      if (filter !== undefined) {
        throw notSupported(
          'Pinecone does not count what a filter matches.',
          'Export with the filter, and count the points.',
        );
      }
      return countOf(await readStats(host, signal), namespace);
    },
    upsertMany: async (batch, options) => writeBatch(source, batch, options),
    get: async (ids, options) => getPoints(source, ids, options),
    deleteMany: async (ids, options) => deleteRecords(source, ids, options),
    search: async (query, options) => searchPoints(source, query, options),
    ...(!pod && { exportAll: (options: ExportOptions) => exportAll(source, options) }),
    absent: pod ? { exportAll: NO_EXPORT, slices: NO_EXPORT } : { slices: NO_SLICES },
  };
}

async function* exportAll(source: ExportSource, options: ExportOptions): AsyncGenerator<ExportBatch, void, undefined> {
  const { filter, slice } = options;
  if (slice !== undefined) throw invalidArgument('The slice is not one of Pinecone, which has none.');
  yield* filter === undefined ? exportPoints(source, options) : exportMatches(source, filter, options);
}

async function getPoints(
  source: ExportSource,
  ids: readonly VectorId[],
  { signal }: CallOptions,
): Promise<VectorBatch> {
  const { info } = source;
  const builder = builderFor(info, ids.length);
  for (const group of groupIds(ids.map(storedId), recordsPerRequest(info))) {
    const found = await fetchRecords(source, group, signal);
    for (const id of group) {
      const json = found.get(id);
      if (json !== undefined) addRecord(builder, info, id, json);
    }
  }
  return builder.build();
}
