import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import type { IEmbeddingCache } from '@vecport/embedding-cache';
import { Router } from 'express';
import { inject, injectable } from 'inversify';
import type { BootReports } from '../boot-reports.js';
import { exportProblem } from '../cache/export-problem.js';
import type { ItemStore } from '../catalogue/item-store.js';
import { Recommender } from '../catalogue/recommender.js';
import { type HomeModel, homePage } from '../pages/home-page.js';
import { itemPage } from '../pages/item-page.js';
import { BOOT_REPORTS, EMBEDDING_CACHE, ITEM_STORE } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { searchQuerySchema } from './query.js';
import { sendPage } from './send.js';

const MAX_FOUND = 60;
const NEIGHBOURS = 18;

/** The pages for people. */
@injectable()
export class PageController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(Recommender) private readonly recommender: Recommender,
    @inject(BOOT_REPORTS) private readonly reports: BootReports,
  ) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/', async (request, response) => {
      const { query } = searchQuerySchema.parse(request.query);
      sendPage(response, homePage(await this.home(query.trim(), clientSignal(response))));
    });
    router.get('/items/:id', async (request, response) => {
      sendPage(
        response,
        itemPage(await this.recommender.similar(request.params.id, NEIGHBOURS, clientSignal(response))),
      );
    });
    return router;
  }

  private async home(query: string, signal: AbortSignal): Promise<HomeModel> {
    const [vectors, { embeddingModel }, { entries }, report] = await Promise.all([
      this.repository.count(undefined, { signal }),
      this.repository.describe({ signal }),
      this.cache.stats(),
      this.reports.latest(),
    ]);
    return {
      query,
      items: query === '' ? this.items.samples() : this.items.search(query, MAX_FOUND),
      provider: this.repository.provider,
      collection: this.repository.collection,
      embeddingModel,
      counts: { items: this.items.count(), vectors, cached: entries },
      exportProblem: exportProblem(this.repository)?.detail,
      report,
    };
  }
}
