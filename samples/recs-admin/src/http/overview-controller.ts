import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import type { IEmbeddingCache } from '@vecport/embedding-cache';
import { Router } from 'express';
import { inject, injectable } from 'inversify';
import { exportProblem } from '../cache/export-problem.js';
import type { ItemStore } from '../catalogue/item-store.js';
import type { VectorMap } from '../map/vector-map.js';
import type { AppSettings } from '../settings.js';
import { APP_SETTINGS, EMBEDDING_CACHE, ITEM_STORE, VECTOR_MAP } from '../tokens.js';
import { clientSignal } from './client-signal.js';

/** What the dashboard shows at a glance, under `/api`. */
@injectable()
export class OverviewController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(APP_SETTINGS) private readonly settings: AppSettings,
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

  private async overview(signal: AbortSignal): Promise<object> {
    const [vectors, description, cache] = await Promise.all([
      this.repository.count(undefined, { signal }),
      this.repository.describe({ signal }),
      this.cache.stats({ signal }),
    ]);
    const [spec] = Object.values(description.vectors);
    return {
      provider: this.repository.provider,
      collection: this.repository.collection,
      dimension: spec?.dimension,
      metric: spec?.metric,
      embeddingModel: description.embeddingModel ?? this.settings.embeddingModel,
      textSearch: this.settings.embeddingService !== undefined,
      items: this.items.count(),
      vectors,
      cache,
      groups: this.items.groups(),
      samples: this.items.samples(),
      exportProblem: exportProblem(this.repository)?.detail,
    };
  }
}
