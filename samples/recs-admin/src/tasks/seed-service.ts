import type { TargetMode } from '@vecport/transfer';
import { inject, injectable } from 'inversify';
import type { Job } from '../jobs/job.js';
import type { JobRunner } from '../jobs/job-runner.js';
import { rateOfLast } from '../plans/rate-of-last.js';
import type { TransferPlan } from '../plans/transfer-plan.js';
import { JOB_RUNNER, TRANSFERS } from '../tokens.js';
import { CacheExporter } from './cache-exporter.js';
import { CatalogueSeeder } from './catalogue-seeder.js';
import type { Transfers } from './transfers.js';

/** What to import, and how. */
export interface ImportOrder {
  /** Name of a dataset among the application's exports. */
  readonly dataset: string;
  /** A collection of it; all of them if not said. */
  readonly collection?: string | undefined;
  /** The collection's name in the store; the stored one if not said. */
  readonly as?: string | undefined;
  readonly mode: TargetMode;
}

/** Where to move the application's collection. */
export interface MigrateOrder {
  /** Store URL, or name of an installed adapter. */
  readonly to: string;
  readonly as?: string | undefined;
  readonly mode: TargetMode;
}

/**
 * Long work in the background, and what it would do. Each `start` begins a job and gives it at once.
 * @throws VecportError `conflict` while a job of the kind is running, `not-supported` where the provider cannot export.
 *
 * The `I` is the customer's: its specification names `ISeedService`. Other names here have none.
 */
interface ISeedService {
  /** Embed every item, from the cache where it can, and write it to the vector store. Items that are there stay whole: only their vectors change. */
  startSeed(): Job;
  /** Fill the embedding cache from the stored vectors. */
  startExportVectors(): Job;
  /** Export the collection into a new dataset, read it back, and compare it with the collection. */
  startExportDataset(): Job;
  /** Write a dataset into the application's store. */
  startImport(order: ImportOrder): Job;
  /** Copy the application's collection into another store, and compare both. */
  startMigrate(order: MigrateOrder): Job;
  /** What an export to a dataset would do, where it goes, and what is lost. Nothing is changed by asking. */
  planExportDataset(signal: AbortSignal): Promise<TransferPlan>;
  /** The same of an import. */
  planImport(order: ImportOrder, signal: AbortSignal): Promise<TransferPlan>;
  /** The same of a migration. */
  planMigrate(order: MigrateOrder, signal: AbortSignal): Promise<TransferPlan>;
}

/** See {@link ISeedService}. */
@injectable()
export class SeedService implements ISeedService {
  constructor(
    @inject(CatalogueSeeder) private readonly seeder: CatalogueSeeder,
    @inject(CacheExporter) private readonly exporter: CacheExporter,
    @inject(TRANSFERS) private readonly transfers: Transfers,
    @inject(JOB_RUNNER) private readonly jobs: JobRunner,
  ) {}

  startSeed(): Job {
    return this.jobs.start('seed', {}, async (context) => this.seeder.run(context));
  }

  startExportVectors(): Job {
    return this.jobs.start('export-vectors', {}, async (context) => {
      const report = await this.exporter.run(context.signal, context);
      return { message: cacheMessage(report.exported, report.skipped), result: { ...report } };
    });
  }

  startExportDataset(): Job {
    return this.jobs.start('export-dataset', {}, async (context) => this.transfers.exportDataset(context));
  }

  startImport(order: ImportOrder): Job {
    return this.jobs.start('import', withoutUndefined(order), async (context) =>
      this.transfers.importDataset(order, context),
    );
  }

  startMigrate(order: MigrateOrder): Job {
    const shown = withoutUndefined({ ...order, to: this.transfers.shownUrl(order.to) });
    return this.jobs.start('migrate', shown, async (context) => this.transfers.migrate(order, context));
  }

  async planExportDataset(signal: AbortSignal): Promise<TransferPlan> {
    return this.transfers.plan.exportDataset(signal);
  }

  async planImport(order: ImportOrder, signal: AbortSignal): Promise<TransferPlan> {
    return this.transfers.plan.importDataset(order, rateOfLast('import', this.jobs), signal);
  }

  async planMigrate(order: MigrateOrder, signal: AbortSignal): Promise<TransferPlan> {
    return this.transfers.plan.migrate(order, signal);
  }
}

/** What an export into the cache has done, in a sentence or two. */
function cacheMessage(exported: number, skipped: number): string {
  const rest = skipped === 0 ? '' : ` ${skipped} skipped, because their items are gone or they have no vector.`;
  return `Vector export complete: ${exported} embeddings are in the cache.${rest}`;
}

function withoutUndefined(order: object): Record<string, string> {
  return Object.fromEntries(Object.entries(order).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
