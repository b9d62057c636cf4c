import { Router } from 'express';
import { inject, injectable } from 'inversify';
import type { ItemStore } from '../catalogue/item-store.js';
import { Recommender } from '../catalogue/recommender.js';
import { ITEM_STORE } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { searchQuerySchema, similarQuerySchema, textQuerySchema } from './query.js';

const MAX_FOUND = 100;

/** The catalogue as JSON, under `/api/items`. */
@injectable()
export class CatalogueController {
  constructor(
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(Recommender) private readonly recommender: Recommender,
  ) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/', (request, response) => {
      const { query, group } = searchQuerySchema.parse(request.query);
      response.json({ items: this.items.search(query, MAX_FOUND, group) });
    });
    router.get('/by-text', async (request, response) => {
      response.json(await this.recommender.byText(textQuerySchema.parse(request.query), clientSignal(response)));
    });
    router.get('/:id/similar', async (request, response) => {
      const { k, group } = similarQuerySchema.parse(request.query);
      response.json(await this.recommender.similar(request.params.id, k, clientSignal(response), group));
    });
    return router;
  }
}
