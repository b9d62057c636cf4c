import type { CallOptions, ExportBatch, IVectorSearchRepository } from '@vecport/abstractions';

/** One call of a repository, as a layer that is about all of them sees it. */
export interface RepositoryCall {
  /** The method's name. */
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
}

/** What a layer does around every call. */
export interface AroundCalls {
  call<T>(call: RepositoryCall, run: () => Promise<T>): Promise<T>;
  /** Around `exportAll`: whoever stops reading the result must make `open`'s iterator return. */
  iterate(call: RepositoryCall, open: () => AsyncIterable<ExportBatch>): AsyncIterable<ExportBatch>;
}

/** The repository with something done around each of its methods; absent methods stay absent. */
export function aroundCalls(inner: IVectorSearchRepository, around: AroundCalls): IVectorSearchRepository {
  const call = async <T>(operation: string, options: CallOptions | undefined, run: () => Promise<T>): Promise<T> =>
    around.call({ operation, signal: options?.signal }, run);
  const exportAll = inner.exportAll?.bind(inner);
  const slices = inner.slices?.bind(inner);
  const releaseSlices = inner.releaseSlices?.bind(inner);
  const revision = inner.revision?.bind(inner);
  const bulkLoad = inner.bulkLoad?.bind(inner);
  return {
    ...inner,
    describe: async (o) => call('describe', o, async () => inner.describe(o)),
    count: async (filter, o) => call('count', o, async () => inner.count(filter, o)),
    upsert: async (id, embedding, metadata, o) =>
      call('upsert', o, async () => inner.upsert(id, embedding, metadata, o)),
    upsertMany: async (points, o) => call('upsertMany', o, async () => inner.upsertMany(points, o)),
    get: async (ids, o) => call('get', o, async () => inner.get(ids, o)),
    delete: async (id, o) => call('delete', o, async () => inner.delete(id, o)),
    deleteMany: async (ids, o) => call('deleteMany', o, async () => inner.deleteMany(ids, o)),
    search: async (query, o) => call('search', o, async () => inner.search(query, o)),
    ...(exportAll && {
      exportAll: (o) => around.iterate({ operation: 'exportAll', signal: o?.signal }, () => exportAll(o)),
    }),
    ...(slices && { slices: async (count, o) => call('slices', o, async () => slices(count, o)) }),
    ...(releaseSlices && {
      releaseSlices: async (plan, o) => call('releaseSlices', o, async () => releaseSlices(plan, o)),
    }),
    ...(revision && { revision: async (o) => call('revision', o, async () => revision(o)) }),
    ...(bulkLoad && { bulkLoad: async (o) => call('bulkLoad', o, async () => bulkLoad(o)) }),
  };
}
