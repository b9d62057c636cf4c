import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import type { IEmbeddingCache } from '@vecport/embedding-cache';
import { type Request, type Response, Router } from 'express';
import { inject, injectable } from 'inversify';
import type { Logger } from 'pino';
import type { BootReports } from '../boot-reports.js';
import { CacheExporter, type CacheExportReport } from '../cache/cache-exporter.js';
import { exportProblem } from '../cache/export-problem.js';
import { exportPage } from '../pages/export-page.js';
import { BOOT_REPORTS, EMBEDDING_CACHE, LOGGER, SHUTDOWN } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { problem } from './problem.js';
import { sendPage, sendProblem, wantsPage } from './send.js';

/** The administrator's side, under `/admin`. */
@injectable()
export class AdminController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(CacheExporter) private readonly exporter: CacheExporter,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(BOOT_REPORTS) private readonly reports: BootReports,
    @inject(LOGGER) private readonly logger: Logger,
    @inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    router.get('/capabilities', async (_request, response) => {
      response.json(await this.reports.refresh({ signal: clientSignal(response) }));
    });
    router.get('/cache/stats', async (_request, response) => {
      response.json(await this.cache.stats());
    });
    router.post('/cache/embeddings/export', async (request, response) => this.exportToCache(request, response));
    return router;
  }

  private async exportToCache(request: Request, response: Response): Promise<void> {
    const impossible = exportProblem(this.repository);
    if (impossible !== undefined) return sendProblem(request, response, impossible);
    const client = clientSignal(response);
    try {
      const report = await this.exporter.run(AbortSignal.any([client, this.shutdown]));
      const message = messageOf(report);
      if (wantsPage(request)) sendPage(response, exportPage(message));
      else response.json({ ...report, message });
    } catch (error) {
      if (client.aborted) this.logger.info('The client disconnected: the export was stopped');
      else if (this.shutdown.aborted) sendProblem(request, response, problem(503, 'The application is shutting down.'));
      else throw error;
    }
  }
}

function messageOf({ exported, skipped }: CacheExportReport): string {
  const rest = skipped === 0 ? '' : ` ${skipped} skipped, because their items are gone or they have no vector.`;
  return `Vector export complete: ${exported} embeddings are in the cache.${rest}`;
}
