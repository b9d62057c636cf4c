import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY } from '@vecport/abstractions';
import express, { type RequestHandler, type Response, Router } from 'express';
import { inject, injectable } from 'inversify';
import type { BootReports } from '../boot-reports.js';
import type { Job } from '../jobs/job.js';
import type { JobRunner } from '../jobs/job-runner.js';
import { SeedService } from '../tasks/seed-service.js';
import { BOOT_REPORTS, JOB_RUNNER, SHUTDOWN } from '../tokens.js';
import { clientSignal } from './client-signal.js';
import { exportProblem } from './export-problem.js';
import { importOrderSchema, jobsQuerySchema, migrateOrderSchema } from './query.js';
import { sendProblem } from './send.js';
import { sendEvents } from './send-events.js';

/** Work in the background, under `/admin`. */
@injectable()
export class JobsController {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(SeedService) private readonly service: SeedService,
    @inject(JOB_RUNNER) private readonly jobs: JobRunner,
    @inject(BOOT_REPORTS) private readonly reports: BootReports,
    @inject(SHUTDOWN) private readonly shutdown: AbortSignal,
  ) {}

  /** The routes of this controller. */
  routes(): Router {
    const router = Router();
    const body = express.json({ limit: '16kb' });
    const canExport = this.unlessImpossible();
    router.post('/seed', (_request, response) => sendStarted(response, this.service.startSeed()));
    router.post('/exports', canExport, (_request, response) =>
      sendStarted(response, this.service.startExportDataset()),
    );
    router.post('/exports/plan', canExport, async (_request, response) => {
      response.json(await this.service.planExportDataset(this.signalOf(response)));
    });
    router.post('/imports/plan', body, async (request, response) => {
      response.json(await this.service.planImport(importOrderSchema.parse(request.body), this.signalOf(response)));
    });
    router.post('/imports', body, (request, response) => {
      sendStarted(response, this.service.startImport(importOrderSchema.parse(request.body)));
    });
    router.post('/migrations', canExport, body, (request, response) => {
      sendStarted(response, this.service.startMigrate(migrateOrderSchema.parse(request.body)));
    });
    router.post('/migrations/plan', canExport, body, async (request, response) => {
      response.json(await this.service.planMigrate(migrateOrderSchema.parse(request.body), this.signalOf(response)));
    });
    router.get('/jobs', (request, response) => {
      response.json({ jobs: this.jobs.list(jobsQuerySchema.parse(request.query).limit) });
    });
    router.get('/jobs/events', async (_request, response) => {
      const signal = this.signalOf(response);
      await sendEvents(response, 'job', this.jobs.watchAll(signal), signal);
    });
    router.get('/jobs/:id', (request, response) => {
      response.json(this.jobs.get(request.params.id));
    });
    router.get('/jobs/:id/events', async (request, response) => {
      const { id } = request.params;
      this.jobs.get(id);
      const signal = this.signalOf(response);
      await sendEvents(response, 'job', this.jobs.watch(id, signal), signal);
    });
    router.delete('/jobs/:id', async (request, response) => {
      response.json(await this.jobs.cancel(request.params.id));
    });
    return router;
  }

  private signalOf(response: Response): AbortSignal {
    return AbortSignal.any([clientSignal(response), this.shutdown]);
  }

  private unlessImpossible(): RequestHandler {
    return async (request, response, next) => {
      const impossible = await exportProblem(this.repository, this.reports);
      if (impossible === undefined) next();
      else sendProblem(request, response, impossible);
    };
  }
}

/** The job goes on; its `Location` tells how it is. */
export function sendStarted(response: Response, job: Job): void {
  response.status(202).location(`/admin/jobs/${job.id}`).json(job);
}
