import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ExportBatch, type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { cancelRun, clusterStatus, type WorkerRequest } from '@vecport/cluster';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { eventually, type MemoryRepositories, removeTempFolders, tempFolder, testedServers } from '@vecport/testkit';
import { exportDataset } from '@vecport/transfer';
import { digestOf, exportThrough, type RunningWorker, startWorker, storeOf } from './support/cluster-run.js';
import { type IsolatedQueue, isolatedQueue, QUEUE_SERVERS } from './support/isolated-queue.js';

afterAll(removeTempFolders);

const LONG = { timeout: 60_000, interval: 100 };

describe.each(testedServers(QUEUE_SERVERS))('a cluster at %s', (server) => {
  let queue: IsolatedQueue;
  let store: MemoryRepositories;
  let badId: string;
  const workers: RunningWorker[] = [];

  beforeEach(async () => {
    queue = await isolatedQueue(server, 7);
    store = await storeOf(1000);
    badId = '';
    for await (const batch of (await store.repository('c')).exportAll?.({}) ?? []) badId = batch.ids[0] ?? '';
  });

  afterEach(async () => {
    for (const worker of workers) worker.stop();
    await Promise.allSettled(workers.map(async ({ ended }) => ended));
    workers.length = 0;
    await queue.remove();
  });

  const start = async (options: Partial<WorkerRequest> = {}, read = store): Promise<RunningWorker> => {
    const worker = await startWorker(queue.url, read, options);
    workers.push(worker);
    return worker;
  };
  const through = async (options: Partial<Parameters<typeof exportThrough>[0]> = {}) =>
    exportThrough({ cluster: queue.url, store, ...options });

  it('gives the dataset of one process', async () => {
    await Promise.all([start({ name: 'a' }), start({ name: 'b', concurrency: 2 })]);
    const folder = await tempFolder();
    const seen: number[] = [];
    const report = await through({ folder, onProgress: ({ done }) => seen.push(done) });
    expect(report.manifest.collections[0]?.digest).toEqual(await digestOf(store));
    expect(await validateDataset(await openDataset(localStorage(folder)))).toMatchObject({ ok: true });
    expect(seen.at(-1)).toBe(1000);
    const { runs, workers: told } = await clusterStatus(queue.url);
    expect(told.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(runs).toMatchObject([{ state: 'done', kind: 'export', points: 1000, turns: 10, failures: [] }]);
  });

  it('puts a slice in quarantine after some attempts, finishes the others, and goes on later', async () => {
    const folder = await tempFolder();
    const bad = reading(store, async function* (batches) {
      for await (const batch of batches) {
        if (batch.ids.includes(badId)) throw new Error('bad sector');
        yield batch;
      }
    });
    const worker = await start({}, bad);
    await expect(through({ folder, dispatching: { attempts: 2 } })).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringMatching(/1 of 10 slices were given up: c, slice \d: unexpected: bad sector/),
    });
    expect((await clusterStatus(queue.url)).runs).toMatchObject([
      {
        state: 'failed',
        slices: { total: 10, quarantined: 1 },
        failures: [{ collection: 'c', reason: 'unexpected: bad sector' }],
      },
    ]);
    worker.stop();
    await worker.ended;
    await start();
    const report = await through({ folder, resume: true });
    expect(report.manifest.collections[0]?.digest).toEqual(await digestOf(store));
  });

  it('fails a run whose source is gone before all slices had all attempts, and goes on later', async () => {
    const gone = reading(store, async function* () {
      yield* none();
      throw new VecportError('unavailable', 'Nobody answers.');
    });
    const worker = await start({ concurrency: 4 }, gone);
    const folder = await tempFolder();
    const work = { kind: 'export', dataset: folder, retries: 0 } as const;
    await expect(through({ folder, dispatching: { work, attempts: 3 } })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/Nothing went on for \d+ turns.*Nobody answers/),
    });
    const [run] = (await clusterStatus(queue.url)).runs;
    expect(run).toMatchObject({ state: 'failed', reason: expect.stringContaining('Nobody answers') });
    worker.stop();
    await worker.ended;
    await start();
    const report = await through({ folder, resume: true });
    expect(report.manifest.collections[0]?.digest).toEqual(await digestOf(store));
  });

  it('cancels a run from elsewhere, and goes on with it in one process', async () => {
    const gate = Promise.withResolvers<void>();
    await start({}, gated(store, gate.promise));
    const folder = await tempFolder();
    const ending = through({ folder }).catch((error: unknown) => error);
    const run = await eventually('a slice is worked on', async () => activeRun(queue.url), LONG);
    expect(await cancelRun(queue.url, run)).toEqual({ state: 'cancelled' });
    expect(await ending).toMatchObject({ code: 'unavailable', message: expect.stringContaining('was cancelled') });
    await eventually(
      'the worker has stopped',
      async () => (await clusterStatus(queue.url)).workers[0]?.active.length === 0,
      LONG,
    );
    gate.resolve();
    const report = await exportDataset({
      repositories: [await store.repository('c')],
      source: { provider: 'memory', url: store.url },
      storage: localStorage(folder),
      id: 'test',
      tool: { name: 'test', version: '0' },
      partRows: 100,
      resume: true,
    });
    expect(report.manifest.collections[0]?.digest).toEqual(await digestOf(store));
  });

  it('queues again what a queue has lost', async () => {
    const gate = Promise.withResolvers<void>();
    await start({}, gated(store, gate.promise));
    const ending = through();
    await eventually('a slice is worked on', async () => activeRun(queue.url), LONG);
    await queue.empty();
    gate.resolve();
    expect((await ending).manifest.collections[0]?.digest).toEqual(await digestOf(store));
  });

  it('hands back what a worker that ends has begun', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = await start({ drainMs: 100, name: 'slow' }, gated(store, gate.promise));
    const ending = through();
    await eventually('a slice is worked on', async () => activeRun(queue.url), LONG);
    slow.stop();
    expect((await slow.ended).parts).toBe(0);
    await start({ name: 'next' });
    expect((await ending).manifest.collections[0]?.digest).toEqual(await digestOf(store));
    gate.resolve();
  });

  it('shares turns between runs, however many slices each has', async () => {
    const order: string[] = [];
    const stores = new Map<string, MemoryRepositories>();
    for (const [url, points] of [
      ['memory:large', 2000],
      ['memory:small', 200],
    ] as const) {
      const one = await storeOf(points);
      const noted = reading(one, async function* (batches) {
        order.push(url);
        yield* batches;
      });
      stores.set(url, { ...noted, url });
    }
    const runs = Promise.all(
      Array.from(stores, async ([source, own]) => {
        const folder = await tempFolder();
        const work = { kind: 'export', source, dataset: folder } as const;
        return exportThrough({ cluster: queue.url, store: own, folder, dispatching: { work } });
      }),
    );
    await eventually('both runs wait', async () => (await clusterStatus(queue.url)).runs.length === 2, LONG);
    await start({
      openStore: async (url = '') => ({ ...(stores.get(url) ?? store), close: async () => {} }),
    });
    await runs;
    expect(order.filter((url) => url === 'memory:small')).toHaveLength(2);
    expect(order.lastIndexOf('memory:small')).toBeLessThanOrEqual(4);
  });

  it('keeps all workers together below a rate', async () => {
    await Promise.all([start({ name: 'a' }), start({ name: 'b' })]);
    const begun = performance.now();
    await through({ dispatching: { rateLimit: 400 } });
    // 1,000 points at 400 a second: two seconds are full before the last points are granted.
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });

  it('ends a worker that is asked to while the queue is gone', async () => {
    const gate = await openGate(queue.url);
    const worker = await startWorker(gate.url, store, { drainMs: 100 });
    gate.close();
    worker.stop();
    expect(await worker.ended).toMatchObject({ draining: true, turns: 0 });
  });

  it('ends coordinator and workers when the queue does not answer any more', async () => {
    const nowhere = server === 'redis' ? 'redis://127.0.0.1:1' : 'postgres://postgres@127.0.0.1:1/none';
    const patient = { patienceMs: 300 };
    await expect(startWorker(nowhere, store, patient)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(exportThrough({ cluster: nowhere, store, dispatching: patient })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});

/** The same server behind another port, until it is closed. */
async function openGate(to: string): Promise<{ readonly url: string; close(): void }> {
  const target = new URL(to);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const other = connect(Number(target.port), target.hostname);
    sockets.push(socket, other);
    for (const one of [socket, other]) one.on('error', () => undefined);
    socket.pipe(other).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(to);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function activeRun(url: string): Promise<string | undefined> {
  const { runs, workers } = await clusterStatus(url);
  return workers.some(({ active }) => active.length > 0) ? runs[0]?.run : undefined;
}

type Reading = (batches: AsyncIterable<ExportBatch>, signal: AbortSignal | undefined) => AsyncIterable<ExportBatch>;

/** The same store, whose full reads go through `change`. */
function reading(store: MemoryRepositories, change: Reading): MemoryRepositories {
  return {
    ...store,
    repository: async (name, options): Promise<IVectorSearchRepository> => {
      const repository = await store.repository(name, options);
      return {
        ...repository,
        exportAll: (request) => change(repository.exportAll?.(request) ?? none(), request?.signal),
      };
    },
  };
}

async function* none(): AsyncGenerator<ExportBatch, void, undefined> {}

/** The same store, whose reads wait until they are let through. */
function gated(store: MemoryRepositories, gate: Promise<unknown>): MemoryRepositories {
  return reading(store, async function* (batches, signal) {
    await Promise.race([gate, aborted(signal)]);
    yield* batches;
  });
}

async function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
