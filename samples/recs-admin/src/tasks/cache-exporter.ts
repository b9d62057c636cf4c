import { type IVectorSearchRepository, VECTOR_SEARCH_REPOSITORY, VecportError } from '@vecport/abstractions';
import { embeddingSink, type IEmbeddingCache, isWarmedPart } from '@vecport/embedding-cache';
import { createProgressMeter, fillSink } from '@vecport/transfer';
import { inject, injectable } from 'inversify';
import type { Logger } from 'pino';
import { embeddingText } from '../catalogue/item.js';
import type { ItemStore } from '../catalogue/item-store.js';
import type { JobContext } from '../jobs/job-runner.js';
import type { AppSettings } from '../settings.js';
import { APP_SETTINGS, EMBEDDING_CACHE, ITEM_STORE, LOGGER } from '../tokens.js';

/** Points read, looked up and cached at a time, and between two lines of progress in the log. */
const BATCH_SIZE = 100;

/** What an export into the cache did. */
export interface CacheExportReport {
  /** Vectors that are in the cache now. */
  readonly exported: number;
  /** Points whose item is gone, or that have no vector. */
  readonly skipped: number;
}

/** Fills the embedding cache from the vectors that are stored already, so that no embedding is paid for twice. */
@injectable()
export class CacheExporter {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(EMBEDDING_CACHE) private readonly cache: IEmbeddingCache,
    @inject(APP_SETTINGS) private readonly settings: AppSettings,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Stream every point: look its item up, rebuild the text that was embedded, and store the vector
   * under the text's hash and the model that made it. Batches cached before an abort stay; running
   * it again is harmless.
   *
   * @throws VecportError `not-supported` when the provider cannot export, `invalid-argument` when
   * nobody knows which model made the vectors. The signal's reason when it is aborted.
   */
  async run(signal: AbortSignal, context?: Pick<JobContext, 'progress' | 'log'>): Promise<CacheExportReport> {
    const modelId = await this.modelId(signal);
    const meter = createProgressMeter();
    const { receipts, warnings } = await fillSink({
      source: [this.repository],
      sink: embeddingSink({
        cache: this.cache,
        modelId,
        textOf: ({ id }) => {
          const item = this.items.get(id);
          return item && embeddingText(item);
        },
        onSkipped: (id, why) =>
          this.logger.warn(
            { id },
            why === 'no-text' ? 'The item is gone: skipped' : 'The point has no vector: skipped',
          ),
      }),
      isReceipt: isWarmedPart,
      name: `embedding cache, ${modelId}`,
      batchSize: BATCH_SIZE,
      signal,
      onProgress: (reading) => {
        const { done, total, bytes } = reading;
        const { pointsPerSecond, etaMs } = meter(reading);
        context?.progress({ phase: 'export', done, total, bytes, perSecond: Math.round(pointsPerSecond), etaMs });
        if (context === undefined) this.logger.info({ done }, 'Exporting vectors to the embedding cache');
        else context.log(`Exported ${done} vectors to the embedding cache`);
      },
    });
    for (const warning of warnings) this.logger.warn(warning);
    const sum = (key: keyof CacheExportReport): number => receipts.reduce((total, part) => total + part[key], 0);
    const report = { exported: sum('exported'), skipped: sum('skipped') };
    this.logger.info({ ...report, modelId }, 'Exported vectors to the embedding cache');
    return report;
  }

  private async modelId(signal: AbortSignal): Promise<string> {
    const { embeddingModel } = await this.repository.describe({ signal });
    const modelId = embeddingModel ?? this.settings.embeddingModel;
    if (modelId !== undefined) return modelId;
    throw new VecportError('invalid-argument', 'The collection does not say which model made its vectors.', {
      provider: this.repository.provider,
      collection: this.repository.collection,
      advice: 'Set EMBEDDING_MODEL to its name.',
    });
  }
}
