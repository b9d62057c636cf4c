import {
  type CollectionDescription,
  type CollectionDriver,
  type Filter,
  joinBatches,
  selectRows,
  type VectorBatch,
  type VectorId,
  type VectorSpec,
  type WriteReport,
} from '@vecport/abstractions';
import { ProtoWriter } from '@vecport/wire';
import type { MilvusClient } from './client.js';
import type { OpenCollection } from './collection.js';
import { lyingAnswer, notSupported } from './errors.js';
import { exportCollection } from './export.js';
import { canQuote, hasId } from './expression.js';
import { compileFilter } from './filter.js';
import { indexMetric, neutralIndex } from './index-params.js';
import type { Layout } from './layout.js';
import { nativeDescription } from './native.js';
import { countRows, query } from './query.js';
import { idsOf, pointFields, pointsOf, readQueryAnswer } from './read-points.js';
import { upsertRows } from './records.js';
import { searchPoints } from './search.js';
import { planSlices } from './slices.js';
import { collectionTraits } from './traits.js';

/** Identifiers in one expression, and of points that are asked for at once. */
const IDS_PER_REQUEST = 1000;

/** What a repository needs besides the collection itself. */
export interface OpenOptions {
  readonly client: MilvusClient;
  readonly layout: Layout;
  /** The partition meant; without it the whole collection. */
  readonly partition: string | undefined;
  /** Whether the collection has partitions that somebody made. */
  readonly divided: boolean;
  /** The layout as it is now, for descriptions. */
  readonly readLayout: (signal: AbortSignal | undefined) => Promise<Layout>;
}

/** The driver of one collection, or of one partition of it. */
export function createCollectionDriver({
  client,
  layout,
  partition,
  divided,
  readLayout,
}: OpenOptions): CollectionDriver {
  const traits = collectionTraits(client.server, layout);
  const open: OpenCollection = {
    client,
    layout,
    partition,
    divided,
    defaultPage: traits.defaultBatchSize,
    maxPage: traits.maxBatchSize,
  };
  return {
    traits,
    describe: async ({ signal }) => describeLayout(await readLayout(signal), divided),
    count: async (filter, { signal }) => countPoints(open, filter, signal),
    upsertMany: async (batch, { signal }) => {
      if (divided && partition === undefined) throw noPartition(layout.collection);
      return upsertRows(open, batch, signal);
    },
    get: async (ids, { signal }) => getPoints(open, ids, signal),
    deleteMany: async (ids, { signal }) => deletePoints(open, ids, signal),
    search: async (search, { signal }) => searchPoints(open, search, signal),
    exportAll: (options) => exportCollection(open, options),
    slices: async (count, { filter, signal }) => planSlices(open, count, filter, signal),
  };
}

function describeLayout(layout: Layout, divided: boolean): CollectionDescription {
  const { collection, vectors, idKinds, fields, marker, described, indexes, notDescribed } = layout;
  const specs = vectors.map((vector): [string, VectorSpec] => {
    const index = indexes.find(({ field }) => field === vector.field);
    const metric = indexMetric(index);
    const neutral = index === undefined ? undefined : neutralIndex(index);
    return [
      vector.name,
      {
        kind: vector.kind,
        ...(vector.kind === 'sparse' ? {} : { dimension: vector.dimension }),
        elementType: vector.elementType,
        ...(metric === undefined ? {} : { metric }),
        ...(neutral === undefined ? {} : { index: neutral }),
      },
    ];
  });
  return {
    name: collection,
    vectors: Object.fromEntries(specs),
    idKinds,
    ...(fields.length > 0 ? { fields } : {}),
    ...(marker?.embeddingModel === undefined ? {} : { embeddingModel: marker.embeddingModel }),
    ...(divided ? { multiTenant: true } : {}),
    ...(notDescribed.length > 0 ? { notDescribed } : {}),
    native: nativeDescription(described, indexes),
  };
}

async function countPoints(
  { client, layout, partition }: OpenCollection,
  filter: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  const expression = compileFilter(filter, layout, client.server);
  if (expression === undefined) return 0;
  return countRows(client, { collection: layout.collection, partition }, expression, { signal });
}

async function getPoints(
  open: OpenCollection,
  ids: readonly VectorId[],
  signal: AbortSignal | undefined,
): Promise<VectorBatch> {
  const { client, layout, partition } = open;
  const batches = [pointsOf(layout, readQueryAnswer(new Uint8Array(0)), [])];
  const request = { collection: layout.collection, partition, outputFields: pointFields(layout) };
  for (const part of parts(openable(open, ids), rowsAtOnce(layout))) {
    signal?.throwIfAborted();
    const expression = hasId(layout, part, client.server);
    const answer = readQueryAnswer(await query(client, { ...request, expression }, { signal }));
    const found = idsOf(layout, answer);
    if (found.length > 0) batches.push(pointsOf(layout, answer, found));
  }
  const all = batches.length === 1 ? batches[0] : joinBatches(batches.slice(1));
  if (all === undefined) throw lyingAnswer('Milvus gave no points.');
  const rowOf = new Map(all.ids.map((id, row) => [id, row]));
  return selectRows(
    all,
    ids.flatMap((id) => rowOf.get(id) ?? []),
  );
}

async function deletePoints(
  open: OpenCollection,
  ids: readonly VectorId[],
  signal: AbortSignal | undefined,
): Promise<WriteReport> {
  const { client, layout, partition } = open;
  for (const part of parts(openable(open, ids), IDS_PER_REQUEST)) {
    signal?.throwIfAborted();
    const message = new ProtoWriter().text(3, layout.collection);
    if (partition !== undefined) message.text(4, partition);
    await client.call('Delete', message.text(5, hasId(layout, part, client.server)), { signal });
  }
  return { accepted: ids.length, failed: [] };
}

// Keys with a single quote or a NUL cannot be in a milvus-lite 2; its SQL would break on them.
function openable({ client: { server }, layout }: OpenCollection, ids: readonly VectorId[]): readonly VectorId[] {
  if (server.kind !== 'lite-2' || layout.key.type === 'int64') return ids;
  const awkward = ids.find((id) => !canQuote(id, server) && !id.includes('\0'));
  if (awkward !== undefined) {
    throw notSupported(`Milvus-lite 2 cannot be asked for the key ${JSON.stringify(awkward)}: it holds a line break.`);
  }
  return ids.filter((id) => !/['\0]/.test(id));
}

function rowsAtOnce({ vectors }: Layout): number {
  const rowBytes = vectors.reduce((sum, { dimension }) => sum + dimension * 4, 1024);
  return Math.max(1, Math.min(IDS_PER_REQUEST, Math.floor((16 * 2 ** 20) / rowBytes)));
}

function* parts(ids: readonly VectorId[], size: number): Generator<readonly VectorId[], void, undefined> {
  for (let start = 0; start < ids.length; start += size) yield ids.slice(start, start + size);
}

function noPartition(collection: string): Error {
  return notSupported(
    `'${collection}' has partitions, and a point written without saying which may be there twice.`,
    'Open the collection with a tenant, which is the name of a partition.',
  );
}
