import { type IVectorSearchRepository, rows, VECTOR_SEARCH_REPOSITORY, VecportError } from '@vecport/abstractions';
import type { TargetMode } from '@vecport/transfer';
import { inject, injectable } from 'inversify';
import { CacheExporter } from '../cache/cache-exporter.js';
import { embeddingText, type Item } from '../catalogue/item.js';
import type { ItemStore } from '../catalogue/item-store.js';
import type { OpenEmbedder } from '../embedding/open-embedder.js';
import { ITEM_STORE, JOB_RUNNER, OPEN_EMBEDDER, STORES } from '../tokens.js';
import type { Job } from './job.js';
import type { JobContext, JobResult, JobRunner } from './job-runner.js';
import type { Stores } from './stores.js';

/** Items embedded and written at a time, and between two lines of the log. */
const BATCH_SIZE = 100;

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
 * Long work in the background. Each method starts a job and gives it at once.
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
}

/** See {@link ISeedService}. */
@injectable()
export class SeedService implements ISeedService {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(CacheExporter) private readonly exporter: CacheExporter,
    @inject(OPEN_EMBEDDER) private readonly openEmbedder: OpenEmbedder,
    @inject(STORES) private readonly stores: Stores,
    @inject(JOB_RUNNER) private readonly jobs: JobRunner,
  ) {}

  startSeed(): Job {
    return this.jobs.start('seed', {}, async (context) => this.seed(context));
  }

  startExportVectors(): Job {
    return this.jobs.start('export-vectors', {}, async (context) => {
      const report = await this.exporter.run(context.signal, context);
      return { message: cacheMessage(report.exported, report.skipped), result: { ...report } };
    });
  }

  startExportDataset(): Job {
    return this.jobs.start('export-dataset', {}, async (context) => this.stores.exportDataset(context));
  }

  startImport(order: ImportOrder): Job {
    return this.jobs.start('import', withoutUndefined(order), async (context) =>
      this.stores.importDataset(order, context),
    );
  }

  startMigrate(order: MigrateOrder): Job {
    const shown = withoutUndefined({ ...order, to: this.stores.shownUrl(order.to) });
    return this.jobs.start('migrate', shown, async (context) => this.stores.migrate(order, context));
  }

  private async seed({ signal, progress, log }: JobContext): Promise<JobResult> {
    const embedder = await this.openEmbedder(signal);
    const all = this.items.all();
    const counts = { items: 0, fromCache: 0, embedded: 0 };
    for (let start = 0; start < all.length; start += BATCH_SIZE) {
      const batch = all.slice(start, start + BATCH_SIZE);
      const { vectors, hits, misses } = await embedder.embed(batch.map(embeddingText), signal);
      await this.write(batch, vectors, signal);
      counts.items += batch.length;
      counts.fromCache += hits;
      counts.embedded += misses;
      progress({ phase: 'seed', done: counts.items, total: all.length });
      log(`${counts.items} of ${all.length} items: ${counts.fromCache} from the cache, ${counts.embedded} embedded`);
    }
    const { items, fromCache, embedded } = counts;
    return {
      message: `Seeded ${items} items: ${fromCache} embeddings were in the cache, ${embedded} were made by the embedding service.`,
      result: counts,
    };
  }

  private async write(items: readonly Item[], vectors: readonly Float32Array[], signal: AbortSignal): Promise<void> {
    const stored = await this.repository.get(
      items.map(({ id }) => id),
      { signal },
    );
    const metadataOf = new Map(Array.from(rows(stored), ({ id, metadata }) => [id, metadata] as const));
    const records = items.map((item, at) => {
      const { id, emoji, label, tags, group, order } = item;
      const metadata = metadataOf.get(id) ?? { emoji, label, tags, group, order };
      return { id, embedding: vectors[at] as Float32Array, metadata };
    });
    const { failed } = await this.repository.upsertMany(records, { signal });
    const [first] = failed;
    if (first === undefined) return;
    throw new VecportError('incomplete', `The store refused ${failed.length} items, e.g. ${first.id}: ${first.reason}`);
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
