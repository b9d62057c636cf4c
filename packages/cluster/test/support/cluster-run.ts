import type { IVectorSearchRepository } from '@vecport/abstractions';
import { dispatchToCluster, runClusterWorker, type WorkerRecord, type WorkerRequest } from '@vecport/cluster';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { type MemoryRepositories, memoryRepositories, randomPoints, tempFolder } from '@vecport/testkit';
import { type ExportReport, type ExportRequest, exportDataset } from '@vecport/transfer';

/** A store with the collection `c` of so many points. */
export async function storeOf(points: number): Promise<MemoryRepositories> {
  const store = memoryRepositories();
  await store.create({
    name: 'c',
    vectors: { default: { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'euclidean' } },
    idKinds: ['string'],
  });
  await (await store.repository('c')).upsertMany(randomPoints(3, points, 4));
  return store;
}

/** A worker in this process. */
export interface RunningWorker {
  readonly lines: readonly string[];
  /** Ask it to end. */
  stop(): void;
  readonly ended: Promise<WorkerRecord>;
}

/** Start a worker that reads from `store`; resolves when it is ready. */
export async function startWorker(
  cluster: string,
  store: MemoryRepositories,
  options: Partial<WorkerRequest> = {},
): Promise<RunningWorker> {
  const stop = new AbortController();
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const ended = runClusterWorker({
    cluster,
    name: 'w',
    concurrency: 1,
    patienceMs: 20_000,
    takeoverMs: 4000,
    drainMs: 5000,
    signal: stop.signal,
    openStore: async () => ({ ...store, close: async () => {} }),
    openStorage: async (url) => localStorage(url),
    openDataset: async ([url = '']) => openDataset(localStorage(url)),
    onReady: ready.resolve,
    onLine: (line) => lines.push(line),
    ...options,
  });
  await Promise.race([ready.promise, ended]);
  return { lines, stop: () => stop.abort(), ended };
}

/** What a test's export does otherwise than others. */
export interface ClusterExport extends Partial<ExportRequest> {
  readonly cluster: string;
  readonly store: MemoryRepositories;
  readonly folder?: string | undefined;
  readonly dispatching?: Partial<Parameters<typeof dispatchToCluster>[0]> | undefined;
}

/** Export the collection `c` through a cluster. */
export async function exportThrough(request: ClusterExport): Promise<ExportReport> {
  const { cluster, store, folder = await tempFolder(), dispatching, ...options } = request;
  return exportDataset({
    ...requestOf(store, await store.repository('c'), folder),
    dispatch: dispatchToCluster({
      cluster,
      work: { kind: 'export', dataset: folder, batchSize: 50 },
      from: store.url,
      to: folder,
      patienceMs: 20_000,
      ...dispatching,
    }),
    ...options,
  });
}

/** The digest of the collection `c`, by an export in this process. */
export async function digestOf(store: MemoryRepositories): Promise<unknown> {
  const folder = await tempFolder();
  await exportDataset(requestOf(store, await store.repository('c'), folder));
  return (await openDataset(localStorage(folder))).manifest.collections[0]?.digest;
}

function requestOf(store: MemoryRepositories, repository: IVectorSearchRepository, folder: string): ExportRequest {
  return {
    repositories: [repository],
    source: { provider: store.provider, url: store.url },
    storage: localStorage(folder),
    id: 'test',
    tool: { name: 'test', version: '0' },
    partRows: 100,
    batchSize: 50,
  };
}
