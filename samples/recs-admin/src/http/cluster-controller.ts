import { Router } from 'express';
import { inject, injectable } from 'inversify';
import type { ClusterWatch } from '../cluster/cluster-watch.js';
import { CLUSTER_WATCH } from '../tokens.js';

/** The cluster, under `/admin/cluster`. */
@injectable()
export class ClusterController {
  constructor(@inject(CLUSTER_WATCH) private readonly cluster: ClusterWatch) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/', (_request, response) => {
      response.json({ configured: this.cluster.configured });
    });
    router.get('/status', async (_request, response) => {
      response.json(await this.cluster.status());
    });
    return router;
  }
}
