import type { IEmbeddingCache } from '@vecport/embedding-cache';
import type { Container } from 'inversify';
import type { Logger } from 'pino';
import type { BootReports } from './boot-reports.js';
import type { ItemStore } from './catalogue/item-store.js';
import { Recommender } from './catalogue/recommender.js';
import type { VectorMap } from './catalogue/vector-map.js';
import type { ClusterWatch } from './cluster/cluster-watch.js';
import type { OpenEmbedder } from './embedding/open-embedder.js';
import type { ExportList } from './exports/export-list.js';
import { AdminController } from './http/admin-controller.js';
import { CatalogueController } from './http/catalogue-controller.js';
import { ClusterController } from './http/cluster-controller.js';
import { ExportsController } from './http/exports-controller.js';
import { JobsController } from './http/jobs-controller.js';
import { OverviewController } from './http/overview-controller.js';
import type { SignIn } from './http/sign-in.js';
import type { JobRunner } from './jobs/job-runner.js';
import type { AppSettings } from './settings.js';
import { CacheExporter } from './tasks/cache-exporter.js';
import { CatalogueSeeder } from './tasks/catalogue-seeder.js';
import { SeedService } from './tasks/seed-service.js';
import type { Transfers } from './tasks/transfers.js';
import {
  APP_SETTINGS,
  BOOT_REPORTS,
  CLUSTER_WATCH,
  EMBEDDING_CACHE,
  EXPORT_LIST,
  ITEM_STORE,
  JOB_RUNNER,
  LOGGER,
  OPEN_EMBEDDER,
  SHUTDOWN,
  SIGN_IN,
  TRANSFERS,
  VECTOR_MAP,
} from './tokens.js';

/** What is made when the application starts, and injected where it is used. */
export interface Bindings {
  readonly settings: AppSettings;
  readonly logger: Logger;
  readonly items: ItemStore;
  readonly cache: IEmbeddingCache;
  readonly reports: BootReports;
  readonly jobs: JobRunner;
  readonly transfers: Transfers;
  readonly exports: ExportList;
  readonly map: VectorMap;
  readonly openEmbedder: OpenEmbedder;
  readonly signIn: SignIn;
  readonly cluster: ClusterWatch;
  readonly shutdown: AbortSignal;
}

/** Bind what was made, and the classes that are made of it. The repository itself is bound by the host. */
export function bindApplication(container: Container, bindings: Bindings): void {
  const { settings, logger, items, cache, reports, shutdown } = bindings;
  container.bind(APP_SETTINGS).toConstantValue(settings);
  container.bind(LOGGER).toConstantValue(logger);
  container.bind(ITEM_STORE).toConstantValue(items);
  container.bind(EMBEDDING_CACHE).toConstantValue(cache);
  container.bind(BOOT_REPORTS).toConstantValue(reports);
  container.bind(SHUTDOWN).toConstantValue(shutdown);
  container.bind(JOB_RUNNER).toConstantValue(bindings.jobs);
  container.bind(TRANSFERS).toConstantValue(bindings.transfers);
  container.bind(EXPORT_LIST).toConstantValue(bindings.exports);
  container.bind(ExportsController).toSelf();
  container.bind(VECTOR_MAP).toConstantValue(bindings.map);
  container.bind(SIGN_IN).toConstantValue(bindings.signIn);
  container.bind(CLUSTER_WATCH).toConstantValue(bindings.cluster);
  container.bind(ClusterController).toSelf();
  container.bind(OPEN_EMBEDDER).toConstantValue(bindings.openEmbedder);
  container.bind(CatalogueSeeder).toSelf();
  container.bind(SeedService).toSelf();
  container.bind(JobsController).toSelf();
  container.bind(CacheExporter).toSelf();
  container.bind(Recommender).toSelf();
  container.bind(AdminController).toSelf();
  container.bind(CatalogueController).toSelf();
  container.bind(OverviewController).toSelf();
}
