import { type IVectorSearchRepository, type JsonValue, redactUrl, VecportError } from '@vecport/abstractions';
import type { StoreCatalog } from '@vecport/core';
import {
  createProgressMeter,
  foretellMigration,
  importDataset,
  type Loss,
  type MigrateRequest,
  migrateCollections,
  type ProgressListener,
} from '@vecport/transfer';
import type { Application } from '../application.js';
import type { ExportList } from '../exports/export-list.js';
import { exportAndVerify } from '../job/export-collection.js';
import type { JobContext, JobResult } from './job-runner.js';
import type { ImportOrder, MigrateOrder } from './seed-service.js';

/** What can be done with whole collections of this application. */
export interface Stores {
  /** The collection into a new dataset below the exports, read back and compared. */
  exportDataset(context: JobContext): Promise<JobResult>;
  importDataset(order: ImportOrder, context: JobContext): Promise<JobResult>;
  migrate(order: MigrateOrder, context: JobContext): Promise<JobResult>;
  /** What a migration could not keep, by collection; nothing is changed. */
  foretell(order: MigrateOrder, signal: AbortSignal): Promise<Readonly<Record<string, readonly Loss[]>>>;
  /** A store URL without its secrets. */
  shownUrl(url: string): string;
}

/** What they are made of. */
export interface StoresParts {
  readonly catalog: StoreCatalog;
  readonly repository: IVectorSearchRepository;
  readonly store: Application['store'];
  readonly exportsFolder: string;
  readonly exports: ExportList;
}

/** The stores of an application. Every store that is opened for a piece of work is closed after it. */
export function createStores(parts: StoresParts): Stores {
  const { catalog, repository, store, exportsFolder, exports } = parts;
  return {
    shownUrl: redactUrl,
    exportDataset: async (context) => {
      const { folder, report } = await exportAndVerify(
        { repository, store },
        exportsFolder,
        context.signal,
        follow(context),
      );
      const { id, collections } = report.manifest;
      const points = collections.reduce((sum, { counts }) => sum + counts.exported, 0);
      return {
        message: `Exported ${points} points to ${folder}, and found them equal to the collection.`,
        result: { id, points },
      };
    },
    importDataset: async (order, context) => {
      const dataset = await exports.open(order.dataset, context.signal);
      const target = await catalog.open(undefined, { signal: context.signal });
      try {
        const { collection, as, mode } = order;
        const verify = mode !== 'append';
        const report = await importDataset({
          dataset,
          target,
          collection,
          as,
          mode,
          verify,
          signal: context.signal,
          onProgress: follow(context),
        });
        return summed('Imported', report);
      } finally {
        await target.close();
      }
    },
    migrate: async (order, context) =>
      withPair(parts, order, context.signal, async (request) =>
        summed(
          'Moved',
          await migrateCollections({ ...request, verify: order.mode !== 'append', onProgress: follow(context) }),
        ),
      ),
    foretell: async (order, signal) => withPair(parts, order, signal, foretellMigration),
  };
}

async function withPair<T>(
  { catalog, repository }: StoresParts,
  { to, as, mode }: MigrateOrder,
  signal: AbortSignal,
  work: (request: MigrateRequest) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const source = await catalog.open(undefined, { signal });
  stack.defer(async () => source.close());
  const target = await catalog.open(to, { signal });
  stack.defer(async () => target.close());
  return await work({
    source,
    target,
    collections: [repository.collection],
    as: as ?? target.defaultCollection,
    mode,
    signal,
  });
}

/** Progress with rate and time left. */
function follow({ progress }: JobContext): ProgressListener {
  const meter = createProgressMeter();
  return (reading) => {
    const { pointsPerSecond, etaMs } = meter(reading);
    const { phase, done, total, bytes } = reading;
    progress({ phase, done, total, bytes, perSecond: Math.round(pointsPerSecond), etaMs });
  };
}

interface Outcome {
  readonly collections: readonly { readonly target: string; readonly accepted: number; readonly refused: number }[];
  readonly complete: boolean;
}

function summed(verb: string, { collections, complete }: Outcome): JobResult {
  const result: JsonValue = collections.map(({ target, accepted, refused }) => ({
    collection: target,
    accepted,
    refused,
  }));
  const texts = collections.map(({ target, accepted }) => `${accepted} points to ${target}`);
  const refused = collections.reduce((sum, one) => sum + one.refused, 0);
  if (complete) return { message: `${verb} ${texts.join(', ')}.`, result };
  throw new VecportError(
    'incomplete',
    refused > 0
      ? `The store refused ${refused} points; the others are there (${texts.join(', ')}).`
      : `What was written is not equal to what was read (${texts.join(', ')}).`,
  );
}
