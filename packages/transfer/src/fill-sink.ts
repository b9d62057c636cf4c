import {
  batchBytes,
  type IVectorSearchRepository,
  type JsonValue,
  parseJson,
  requireCapability,
  stringifyJson,
  VecportError,
} from '@vecport/abstractions';
import type { Dataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { judgeCompleteness } from './completeness.js';
import { countPoints } from './count-points.js';
import { datasetSlices, datasetSource } from './dataset-source.js';
import type { UnitPlan } from './export-plan.js';
import { openJob } from './job-state.js';
import { migrationPlanSchema, planMigration } from './migration-plan.js';
import type { ProgressListener } from './progress.js';
import { repositorySource } from './repository-source.js';
import { transfer } from './transfer.js';
import type { TransferSink } from './transfer-sink.js';
import type { TransferSource } from './transfer-source.js';

/** Points a part has when nobody says: how much is done again after an interruption, at most, in each slice. */
const PART_ROWS = 10_000;

/** A collection and where its points go. */
export interface FillRequest<Receipt> {
  /** A living collection (with tenants: a repository for each), or a stored one. */
  readonly source:
    | readonly IVectorSearchRepository[]
    | { readonly dataset: Dataset; readonly collection?: string | undefined };
  readonly sink: TransferSink<Receipt>;
  /** Whether a value read from a checkpoint is a receipt of the sink. */
  readonly isReceipt: (value: unknown) => value is Receipt;
  /** What the sink is, for telling work that is resumed from other work. */
  readonly name: string;
  /** A folder of this work's own, where it remembers how far it is; without one it cannot be resumed. */
  readonly state?: Storage | undefined;
  /** Go on with unfinished work, or begin. */
  readonly resume?: boolean | undefined;
  /** Slices read at the same time, 1 if not said. */
  readonly parallel?: number | undefined;
  /** Points a page; the provider's own number if not said. */
  readonly batchSize?: number | undefined;
  readonly partRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** What came of it. */
export interface FillReport<Receipt> {
  /** Of all parts, those of earlier runs included. */
  readonly receipts: readonly Receipt[];
  readonly points: number;
  readonly resumed: boolean;
  /** Each a sentence; a source that changed while it was read is one. */
  readonly warnings: readonly string[];
}

/**
 * Read all of a collection into any sink, in parts that a resumed run does not read again, and prove by counting that
 * nothing is missing.
 * @throws VecportError `not-supported` when the provider cannot export, `incomplete` when it gave fewer points than it
 * has, and what `openJob` has to say. The signal's reason when it is aborted.
 */
export async function fillSink<Receipt>(request: FillRequest<Receipt>): Promise<FillReport<Receipt>> {
  const filler = isDataset(request.source) ? datasetUnits(request.source, request.batchSize) : storeUnits(request);
  const { state, resume, name, signal } = request;
  const job = await openJob({
    storage: state,
    resume,
    terms: { work: 'fill', sink: name, ...filler.terms },
    plan: filler.plan,
    signal,
  });
  try {
    const units = filler.units(job.plan);
    const receipts: Counted<Receipt>[] = [];
    const warnings: string[] = [];
    const onBatch = countBatches(units, request.onProgress);
    for (const [at, unit] of units.entries()) {
      const own = await transfer({
        source: unit.source,
        sink: counted(request.sink),
        slices: unit.plan.slices.slices,
        partRows: request.partRows ?? PART_ROWS,
        checkpoint: job.checkpoint(0, at, isCounted(request.isReceipt)),
        parallel: request.parallel ?? 1,
        signal,
        onBatch,
      });
      receipts.push(...own.flat());
      const warning = await unit.judge(own.flat().reduce((sum, { rows }) => sum + rows, 0));
      if (warning !== undefined) warnings.push(`${unit.collection}: ${warning}.`);
    }
    await job.remove();
    const points = receipts.reduce((sum, { rows }) => sum + rows, 0);
    return { receipts: receipts.map(({ receipt }) => receipt), points, resumed: job.resumed, warnings };
  } finally {
    await job.release();
  }
}

interface FillUnit {
  readonly collection: string;
  readonly source: TransferSource;
  readonly plan: UnitPlan;
  /** Gives a warning. @throws VecportError `incomplete`. */
  judge(points: number): Promise<string | undefined>;
}

interface Filler {
  readonly terms: Readonly<Record<string, JsonValue>>;
  plan(): Promise<JsonValue>;
  units(plan: JsonValue): readonly FillUnit[];
}

type StoredSource = Exclude<FillRequest<unknown>['source'], readonly IVectorSearchRepository[]>;

function isDataset(source: FillRequest<unknown>['source']): source is StoredSource {
  return 'dataset' in source;
}

function datasetUnits({ dataset, collection: name }: StoredSource, batchSize: number | undefined): Filler {
  const collection = dataset.collection(name);
  const slices = { slices: datasetSlices(collection), consistency: 'snapshot' } as const;
  const unit: FillUnit = {
    collection: collection.name,
    source: datasetSource(dataset, collection, batchSize),
    plan: { slices, expected: collection.counts.exported },
    judge: async (points) => {
      if (points === collection.counts.exported) return undefined;
      throw incomplete(`the dataset vouches for ${collection.counts.exported} points and gave ${points}`);
    },
  };
  return {
    terms: { dataset: [dataset.manifest.id, collection.name, collection.digest.content] },
    plan: async () => null,
    units: () => [unit],
  };
}

function storeUnits<Receipt>({ source, batchSize, signal }: FillRequest<Receipt>): Filler {
  const repositories = source as readonly IVectorSearchRepository[];
  for (const repository of repositories) requireCapability(repository, 'exportAll');
  return {
    terms: {
      source: repositories.map(({ provider, collection, tenant }) => [provider, collection, tenant ?? null]),
    },
    plan: async () => parseJson(stringifyJson(await planMigration([repositories], {}, signal))),
    units: (plan) => unitsOf(plan, repositories, batchSize, signal),
  };
}

function unitsOf(
  value: JsonValue,
  repositories: readonly IVectorSearchRepository[],
  batchSize: number | undefined,
  signal: AbortSignal | undefined,
): readonly FillUnit[] {
  const { data } = migrationPlanSchema.safeParse(value);
  if (data === undefined) {
    throw new VecportError('corrupt-data', 'The plan of the unfinished work is damaged, or of another version.', {
      advice: 'Remove its folder and start again.',
    });
  }
  return repositories.map((repository, at) => {
    const plan = data.collections[0]?.units[at] as UnitPlan;
    return {
      collection: repository.collection,
      source: repositorySource(repository, {}, batchSize),
      plan,
      judge: async (points) => judgeStore(repository, plan, points, signal),
    };
  });
}

async function judgeStore(
  repository: IVectorSearchRepository,
  { expected: before, slices, revision }: UnitPlan,
  exported: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { problem, warning } = judgeCompleteness(
    {
      before,
      after: await countPoints(repository, undefined, signal),
      exported,
      duplicates: 0,
      revisionBefore: revision,
      revisionAfter: await repository.revision?.({ signal }),
      countsLate: repository.traits.eventual?.includes('count'),
    },
    slices.consistency === 'snapshot',
  );
  await repository.releaseSlices?.(slices, { signal });
  if (problem !== undefined) throw incomplete(problem);
  return warning;
}

function incomplete(problem: string): VecportError {
  return new VecportError('incomplete', `Not all points were read: ${problem}.`, {
    advice: 'Do it again, without writers if it happens again.',
  });
}

/** A receipt with the points of its part. */
interface Counted<Receipt> {
  readonly rows: number;
  readonly receipt: Receipt;
}

function counted<Receipt>(sink: TransferSink<Receipt>): TransferSink<Counted<Receipt>> {
  return {
    open: async (place, options) => {
      const part = await sink.open(place, options);
      let rows = 0;
      return {
        write: async (batch) => {
          await part.write(batch);
          rows += batch.ids.length;
        },
        commit: async () => ({ rows, receipt: await part.commit() }),
        abort: async () => part.abort(),
      };
    },
  };
}

function isCounted<Receipt>(isReceipt: (value: unknown) => value is Receipt) {
  return (value: unknown): value is Counted<Receipt> => {
    if (typeof value !== 'object' || value === null) return false;
    const { rows, receipt } = value as Partial<Counted<Receipt>>;
    return Number.isSafeInteger(rows) && isReceipt(receipt);
  };
}

function countBatches(units: readonly FillUnit[], onProgress: ProgressListener | undefined) {
  let [done, bytes] = [0, 0];
  const collection = units[0]?.collection ?? '';
  const total = units.reduce<number | undefined>(
    (sum, { plan }) => (sum === undefined || plan.expected === undefined ? undefined : sum + plan.expected),
    0,
  );
  return (batch: Parameters<typeof batchBytes>[0]): void => {
    done += batch.ids.length;
    bytes += batchBytes(batch);
    onProgress?.({ phase: 'read', collection, done, total, bytes });
  };
}
