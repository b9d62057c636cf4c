import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import type { IEmbeddingCache } from '@vecport/embedding-cache';
import { type Request, type Response, Router } from 'express';
import { inject, injectable } from 'inversify';
import type { Logger } from 'pino';
import type { BootReports } from '../boot-reports.js';
import type { JobResult, JobRunner } from '../jobs/job-runner.js';
import { type AppSettings, cachePlaceOf } from '../settings.js';
import { SeedService } from '../tasks/seed-service.js';
import { APP_SETTINGS, BOOT_REPORTS, EMBEDDING_CACHE, JOB_RUNNER, LOGGER, SHUTDOWN } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { exportProblem } from './export-problem.js';
import { sendStarted } from './jobs-controller.js';
import { problem } from './problem.js';
import { cacheExportQuerySchema } from './query.js';
import { sendProblem } from './send.js';

/** The administrator's side, under `/admin`. */
@injectable()
export class AdminController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(SeedService) private readonly service: SeedService,
    @inject(JOB_RUNNER) private readonly jobs: JobRunner,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(BOOT_REPORTS) private readonly reports: BootReports,
    @inject(APP_SETTINGS) private readonly settings: AppSettings,
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
      response.json({ place: cachePlaceOf(this.settings), ...(await this.cache.stats()) });
    });
    router.delete('/cache', async (_request, response) => {
      response.json({ removed: await this.cache.clear() });
    });
    router.post('/cache/embeddings/export', async (request, response) => this.exportToCache(request, response));
    return router;
  }

  private async exportToCache(request: Request, response: Response): Promise<void> {
    const impossible = await exportProblem(this.repository, this.reports);
    if (impossible !== undefined) return sendProblem(request, response, impossible);
    const { async: isAsync } = cacheExportQuerySchema.parse(request.query);
    const client = clientSignal(response);
    const job = this.service.startExportVectors();
    if (isAsync === 'true') return sendStarted(response, job);
    // Nobody waits for the answer any more: the work is stopped.
    client.addEventListener('abort', () => void this.jobs.cancel(job.id));
    try {
      const { message, result } = await this.jobs.outcome(job.id);
      response.json(answerOf(result, message));
    } catch (error) {
      if (client.aborted) this.logger.info('The client disconnected: the export was stopped');
      else if (this.shutdown.aborted) sendProblem(request, response, problem(503, 'The application is shutting down.'));
      else if (this.jobs.get(job.id).status === 'cancelled')
        sendProblem(request, response, problem(409, 'The export was cancelled.'));
      else throw error;
    }
  }
}

function answerOf(result: JobResult['result'], message: string): object {
  return Object.assign({}, result, { message });
}
