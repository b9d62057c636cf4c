import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import type { IEmbeddingCache } from '@vecport/embedding-cache';
import { Router } from 'express';
import { inject, injectable } from 'inversify';
import type { BootReports } from '../boot-reports.js';
import type { ItemStore } from '../catalogue/item-store.js';
import type { VectorMap } from '../catalogue/vector-map.js';
import type { AppSettings } from '../settings.js';
import { APP_SETTINGS, BOOT_REPORTS, EMBEDDING_CACHE, ITEM_STORE, VECTOR_MAP } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { exportProblem } from './export-problem.js';
import { problemOf } from './problem.js';

/** Items shown to begin with. */
const MOST_SAMPLES = 24;

/** What the dashboard shows at a glance, under `/api`. */
@injectable()
export class OverviewController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(APP_SETTINGS) private readonly settings: AppSettings,
    @inject(BOOT_REPORTS) private readonly reports: BootReports,
    @inject(VECTOR_MAP) private readonly map: VectorMap,
  ) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/overview', async (_request, response) => {
      response.json(await this.overview(clientSignal(response)));
    });
    router.get('/map', async (_request, response) => {
      response.json({ points: await this.map.points(clientSignal(response)) });
    });
    return router;
  }

  /** The catalogue is here; the vector store and the cache may be elsewhere, and gone: then it is said why. */
  private async overview(signal: AbortSignal): Promise<object> {
    const [store, cache, impossible] = await Promise.all([
      orProblem(this.storeFacts(signal)),
      orProblem(this.cache.stats({ signal })),
      exportProblem(this.repository, this.reports),
    ]);
    return {
      provider: this.repository.provider,
      collection: this.repository.collection,
      textSearch: this.settings.embeddingService !== undefined,
      ...store.value,
      items: this.items.count(),
      cache: cache.value,
      groups: this.items.groups(),
      samples: this.items.samples(MOST_SAMPLES),
      exportProblem: impossible?.detail,
      problems: [store.problem, cache.problem].filter((problem) => problem !== undefined),
    };
  }

  private async storeFacts(signal: AbortSignal): Promise<object> {
    const [vectors, { embeddingModel, vectors: specs }] = await Promise.all([
      this.repository.count(undefined, { signal }),
      this.repository.describe({ signal }),
    ]);
    const [spec] = Object.values(specs);
    const { dimension, metric } = spec ?? {};
    return { vectors, dimension, metric, embeddingModel: embeddingModel ?? this.settings.embeddingModel };
  }
}

async function orProblem<T>(asked: Promise<T>): Promise<{ readonly value?: T; readonly problem?: string }> {
  try {
    return { value: await asked };
  } catch (error) {
    return { problem: problemOf(error).detail };
  }
}
