import { type IVectorSearchRepository, type JsonValue, redactUrl, VecportError } from '@vecport/abstractions';
import type { StoreCatalog } from '@vecport/core';
import {
  createProgressMeter,
  importDataset,
  type MigrateRequest,
  migrateCollections,
  type ProgressListener,
} from '@vecport/transfer';
import type { Application } from '../application.js';
import type { GiveExport } from '../cluster/give-exports.js';
import type { ExportList } from '../exports/export-list.js';
import type { JobContext, JobResult } from '../jobs/job-runner.js';
import { planExport } from '../plans/plan-export.js';
import { planImport } from '../plans/plan-import.js';
import { planMigration, whyNotOntoItself } from '../plans/plan-migration.js';
import type { TransferPlan } from '../plans/transfer-plan.js';
import { exportAndVerify } from './export-collection.js';
import type { ImportOrder, MigrateOrder } from './seed-service.js';

/** Points between two lines of a job's log, at least; a page is told of once. */
const LOG_EVERY = 100;
const PHASES = { read: 'Copied', validate: 'Checked', verify: 'Compared' } as const;

/** Whole collections between this application's store, its exports and other stores; and what each would do, first. */
export interface Transfers {
  /** The collection into a new dataset below the exports, read back and compared. */
  exportDataset(context: JobContext): Promise<JobResult>;
  importDataset(order: ImportOrder, context: JobContext): Promise<JobResult>;
  migrate(order: MigrateOrder, context: JobContext): Promise<JobResult>;
  /** What each of them would do; nothing is changed. */
  readonly plan: {
    exportDataset(signal: AbortSignal): Promise<TransferPlan>;
    /** `pointsPerSecond`: what to estimate the time by. */
    importDataset(order: ImportOrder, pointsPerSecond: number | undefined, signal: AbortSignal): Promise<TransferPlan>;
    migrate(order: MigrateOrder, signal: AbortSignal): Promise<TransferPlan>;
  };
  /** A store URL without its secrets. */
  shownUrl(url: string): string;
}

/** What they are made of. */
export interface TransferParts {
  readonly catalog: StoreCatalog;
  readonly repository: IVectorSearchRepository;
  readonly store: Application['store'];
  readonly exportsFolder: string;
  readonly exports: ExportList;
  /** Gives exports to workers; this process makes them if absent. */
  readonly giveExport?: GiveExport | undefined;
}

/** The transfers of an application. Every store that is opened for a piece of work is closed after it. */
export function createTransfers(parts: TransferParts): Transfers {
  const { catalog, repository, store, exportsFolder, exports, giveExport } = parts;
  return {
    shownUrl: redactUrl,
    exportDataset: async (context) => {
      const { folder, report } = await exportAndVerify(
        { repository, store, dispatch: giveExport && ((folder) => giveExport(folder, context.log)) },
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
      withPair(parts, order, context.signal, async (request) => {
        const itself = await whyNotOntoItself(request, repository, context.signal);
        if (itself !== undefined) throw new VecportError('invalid-argument', itself);
        const verify = order.mode !== 'append';
        return summed('Moved', await migrateCollections({ ...request, verify, onProgress: follow(context) }));
      }),
    plan: {
      exportDataset: async (signal) => planExport({ repository, store, folder: exportsFolder }, signal),
      importDataset: async (order, pointsPerSecond, signal) => {
        const dataset = await exports.open(order.dataset, signal);
        const target = await catalog.open(undefined, { signal });
        try {
          return await planImport({ dataset, target, order, pointsPerSecond }, signal);
        } finally {
          await target.close();
        }
      },
      migrate: async (order, signal) =>
        withPair(parts, order, signal, async (request) => planMigration(request, signal)),
    },
  };
}

async function withPair<T>(
  { catalog, repository }: TransferParts,
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

/** Progress with rate and time left, and a line of the log whenever another hundred points are done. */
function follow({ progress, log }: JobContext): ProgressListener {
  const meter = createProgressMeter();
  let logged = '';
  return (reading) => {
    const { pointsPerSecond, etaMs } = meter(reading);
    const { phase, collection, done, total, bytes } = reading;
    progress({ phase, done, total, bytes, perSecond: Math.round(pointsPerSecond), etaMs });
    const mark = `${phase} ${collection} ${Math.floor(done / LOG_EVERY)}`;
    if (mark === logged || done < LOG_EVERY) return;
    logged = mark;
    log(`${PHASES[phase]} ${done}${total === undefined ? '' : ` of ${total}`} points of ${collection}`);
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
