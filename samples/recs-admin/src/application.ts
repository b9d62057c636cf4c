import { join } from 'node:path';
import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { createHost, type HostOptions, type OpenStore, type VecportHost } from '@vecport/core';
import { type IEmbeddingCache, openLocalEmbeddingCache, openRedisEmbeddingCache } from '@vecport/embedding-cache';
import { Container } from 'inversify';
import type { Logger } from 'pino';
import { bindApplication } from './bind-application.js';
import { type BootReports, createBootReports } from './boot-reports.js';
import type { ItemStore } from './catalogue/item-store.js';
import { openItemStore } from './catalogue/sqlite-item-store.js';
import { createVectorMap } from './catalogue/vector-map.js';
import { createClusterWatch } from './cluster/cluster-watch.js';
import { exportsByCluster } from './cluster/give-exports.js';
import type { OpenEmbedder } from './embedding/open-embedder.js';
import { openTextEmbedder, type TextEmbedder } from './embedding/text-embedder.js';
import { createExportList } from './exports/export-list.js';
import { createExpressApp } from './http/express-app.js';
import { type ListenOptions, listen } from './http/listen.js';
import { createSignIn } from './http/sign-in.js';
import { createJobRunner } from './jobs/job-runner.js';
import { openJobStore } from './jobs/job-store.js';
import { makeFolder } from './make-folder.js';
import { openExportService } from './open-export-service.js';
import { seedItems } from './sample-data/seed-items.js';
import { seedVectors } from './sample-data/seed-vectors.js';
import { type AppSettings, cachePlaceOf, SAMPLE_FOLDER } from './settings.js';
import { createTransfers } from './tasks/transfers.js';

/** How the application is composed and where it listens. */
export interface ApplicationOptions {
  readonly settings: AppSettings;
  readonly logger: Logger;
  readonly listen: ListenOptions;
  /** Adapters, layers and environment of the host; adapters among this sample's dependencies if not said. */
  readonly host?: HostOptions | undefined;
  /** Stops the start. */
  readonly signal?: AbortSignal | undefined;
}

/** A running application. Whoever started it closes it. */
export interface Application {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly host: VecportHost;
  /** The vector store without secrets, and the version of its server or library. */
  readonly store: Pick<OpenStore, 'provider' | 'url' | 'version'>;
  readonly repository: IVectorSearchRepository;
  readonly items: ItemStore;
  readonly cache: IEmbeddingCache;
  /** The cache's folder, or its server without secrets. */
  readonly cachePlace: string;
  readonly reports: BootReports;
  /** A `Cookie` header that is let in where one has to sign in; `undefined` where nobody has to. */
  ownCookie(): string | undefined;
  /** What this start seeded; zeros when everything was there. */
  readonly seeded: { readonly items: number; readonly vectors: number };
  /** Stop running exports, then close the server, the stores and the cache, in this order. A second call does nothing. */
  close(): Promise<void>;
}

/** Open and seed the stores, bind everything, listen. What was opened is closed again when a later step fails. */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { settings, logger, signal } = options;
  const resources = new AsyncDisposableStack();
  try {
    const items = await openItems(settings.dataFolder);
    resources.defer(() => items.close());
    const host = await createHost(hostOptions(options));
    resources.defer(async () => closeHost(host, logger));
    const cache = await openCache(settings);
    resources.defer(async () => cache.close());
    const { store, vectors } = await seedDefaultStore(host, items, settings, signal);
    const seeded = { items: await seedItems(items), vectors };
    const repository = await host.repository();
    const reports = createBootReports(host);
    const shutdown = new AbortController();
    const jobStore = openJobStore(join(settings.dataFolder, 'jobs.sqlite'));
    resources.defer(() => jobStore.close());
    const jobs = createJobRunner(jobStore, logger);
    const { exportsFolder } = settings;
    const exports = createExportList(exportsFolder);
    const giveExport = exportsByCluster(settings);
    const transfers = createTransfers({ catalog: host.catalog, repository, store, exportsFolder, exports, giveExport });
    const openEmbedder = embedderOpener(repository, cache, settings);
    const signIn = createSignIn(settings.adminPassword);
    const service = openExportService(host.catalog, settings, logger);
    resources.defer(async () => service.close());
    const own = {
      signIn,
      cluster: createClusterWatch(settings.cluster),
      settings,
      logger,
      items,
      cache,
      reports,
      jobs,
      transfers,
      exports,
      map: createVectorMap(repository, items, shutdown.signal),
      openEmbedder,
    };
    bindApplication(host.container, { ...own, shutdown: shutdown.signal });
    const server = await listen(createExpressApp(host.container, service.router), {
      host: settings.host,
      ...options.listen,
    });
    resources.defer(async () => server.close());
    resources.defer(async () => jobs.close());
    resources.defer(() => shutdown.abort(new Error('The application is shutting down.')));
    const close = async (): Promise<void> => resources.disposeAsync();
    return {
      url: server.url,
      host,
      store,
      repository,
      items,
      cache,
      cachePlace: cachePlaceOf(settings),
      reports,
      ownCookie: signIn.ownCookie,
      seeded,
      close,
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** An embedded store cannot be closed while a call is at work that was given up, as of a client that went away: it ends with the process. */
async function closeHost(host: VecportHost, logger: Logger): Promise<void> {
  try {
    await host.close();
  } catch (error) {
    logger.warn({ err: error }, 'A store could not be closed');
  }
}

async function openCache(settings: AppSettings): Promise<IEmbeddingCache> {
  const { embeddingCache } = settings;
  return embeddingCache === undefined
    ? openLocalEmbeddingCache(cachePlaceOf(settings))
    : openRedisEmbeddingCache({ url: embeddingCache });
}

async function openItems(dataFolder: string): Promise<ItemStore> {
  try {
    await makeFolder(dataFolder);
    return openItemStore(join(dataFolder, 'items.sqlite'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VecportError('storage', `The application's data cannot be kept in ${dataFolder}: ${reason}.`, {
      cause,
      advice: 'Set VECPORT_DATA to a folder that can be written.',
    });
  }
}

function hostOptions({ settings, host }: ApplicationOptions): HostOptions {
  return {
    root: SAMPLE_FOLDER,
    store: settings.store,
    container: new Container(),
    ...host,
    env: { ...(host?.env ?? process.env), VECPORT_COLLECTION: settings.collection },
  };
}

async function seedDefaultStore(
  host: VecportHost,
  items: ItemStore,
  { collection }: AppSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly store: Application['store']; readonly vectors: number }> {
  const store = await host.catalog.open(undefined, { signal });
  try {
    const { provider, url, version, defaultCollection } = store;
    const vectors = await seedVectors({ store, collection: defaultCollection ?? collection, items, signal });
    return { store: { provider, url, version }, vectors };
  } finally {
    await store.close();
  }
}

/** What an embedder found out about the collection is kept; after a failure it is asked again. */
function embedderOpener(
  repository: IVectorSearchRepository,
  cache: IEmbeddingCache,
  { embeddingService, embeddingModel }: AppSettings,
): OpenEmbedder {
  let opened: TextEmbedder | undefined;
  return async (signal) => {
    opened ??= await openTextEmbedder({ repository, cache, service: embeddingService, embeddingModel }, signal);
    return opened;
  };
}
