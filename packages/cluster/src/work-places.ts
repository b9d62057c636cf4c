import { isVecportError, VecportError } from '@vecport/abstractions';
import type { Dataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import {
  type ExportPlan,
  exportSlice,
  importSlice,
  type MigrationSource,
  migrateSlice,
  type RateLimiter,
  readPinnedPlan,
  type SliceTurn,
  type TargetMode,
  type TargetStore,
} from '@vecport/transfer';
import type { RunRecord, SliceJob } from './run-record.js';

/** A store that a worker opened; an `OpenStore` of core fits. */
export type WorkerStore = TargetStore & MigrationSource & { close(): Promise<void> };

/** How a worker gets at stores and files. Secrets come from its own environment. */
export interface PlaceOpener {
  /** The store that a URL names; the one its environment names without one. */
  openStore(url: string | undefined, settings: Readonly<Record<string, string>> | undefined): Promise<WorkerStore>;
  openStorage(url: string): Promise<Storage>;
  /** The dataset that is imported in this mode, from URLs as they are typed. */
  openDataset(urls: readonly string[], mode: TargetMode): Promise<Dataset>;
  /** The limiter that all who read from a store share. */
  limiterOf(key: string, pointsPerSecond: number): Promise<RateLimiter>;
}

/** How a turn is done. */
interface TurnContext {
  readonly signal: AbortSignal;
  /** Told of points and bytes as they are read. */
  onRead(points: number, bytes: number): void;
}

/** What a worker has open. */
export interface WorkPlaces {
  /** Work on a slice for one turn. */
  takeTurn(run: RunRecord, slice: SliceJob, context: TurnContext): Promise<SliceTurn>;
  close(): Promise<void>;
}

/** The places of a worker, opened when they are first needed and kept until the end. */
export function createWorkPlaces(opener: PlaceOpener): WorkPlaces {
  const stores = memo(async (key: string) => {
    const { source, settings } = JSON.parse(key) as { source?: string; settings?: Record<string, string> };
    return opener.openStore(source, settings);
  });
  const storeAt = async (source: string): Promise<WorkerStore> => stores.get(JSON.stringify({ source }));
  const datasets = memo(async (key: string) => {
    const [, urls, mode] = JSON.parse(key) as [string, readonly string[], TargetMode];
    return opener.openDataset(urls, mode);
  });
  const storages = memo(async (url: string) => opener.openStorage(url));
  const limiters = memo(async (key: string) => {
    const { store, rate } = JSON.parse(key) as { store: string; rate: number };
    return opener.limiterOf(store, rate);
  });
  const plans = new Map<string, ExportPlan>();
  const planOf = async (run: string, storage: Storage): Promise<ExportPlan> => {
    const plan = plans.get(run) ?? (await readPinnedPlan(storage));
    // Of one run at a time, as a plan may be large.
    if (!plans.has(run)) plans.clear();
    plans.set(run, plan);
    return plan;
  };
  return {
    takeTurn: async ({ work, turnParts, rateLimit }, slice, { signal, onRead }) => {
      const turn = { run: slice.run, place: slice, maxParts: turnParts, signal, onRead };
      if (work.kind === 'import') {
        // Of one run: another one may find another dataset there.
        const dataset = await datasets.get(JSON.stringify([slice.run, work.datasets, work.mode]));
        const [target, state] = [await storeAt(work.store), await storages.get(work.state)];
        const { collection, as, batchSize } = work;
        return importSlice({ ...turn, dataset, target, state, collection, as, batchSize });
      }
      if (work.kind === 'migrate') {
        const [source, target] = [await storeAt(work.source), await storeAt(work.store)];
        const { as, batchSize } = work;
        return migrateSlice({ ...turn, source, target, as, batchSize, state: await storages.get(work.state) });
      }
      const { source, settings, dataset, batchSize, retrieveBatch, maxMemory, retries } = work;
      const storage = await storages.get(dataset);
      const plan = await planOf(slice.run, storage);
      const store = await stores.get(JSON.stringify({ source, settings }));
      checkStore(store, plan);
      const collection = plan.collections[slice.collection];
      const tenant = collection?.units[slice.unit]?.tenant;
      const repository = await store.repository(collection?.name ?? slice.name, { tenant, signal });
      const key = JSON.stringify({ store: `${store.provider} ${store.url}`, rate: rateLimit });
      return exportSlice({
        ...{ ...turn, storage, plan, repository, batchSize, retrieveBatch, maxMemory, retries },
        limiter: rateLimit === undefined ? undefined : await limiters.get(key),
      });
    },
    close: async () => {
      await Promise.allSettled((await stores.all()).map(async (store) => store.close()));
    },
  };
}

function checkStore({ provider, url }: WorkerStore, { source }: ExportPlan): void {
  if (provider === source.provider && url === source.url) return;
  // Other workers may lead to the right one.
  throw new VecportError(
    'conflict',
    `The work is about ${source.provider} at ${source.url}, and this worker's environment leads to ${provider} at ${url}.`,
    { advice: 'Give workers the same settings as the process that started the work, or name the store by its URL.' },
  );
}

interface Memo<T> {
  get(key: string): Promise<T>;
  /** Those that could be made. */
  all(): Promise<readonly T[]>;
}

/** A place that cannot be opened here may be opened by another worker: it is not the fault of the slice. */
async function opened<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'invalid-argument') throw error;
    const { provider, advice } = error;
    throw new VecportError('unavailable', `This worker cannot open it: ${error.reason}`, {
      provider,
      advice,
      cause: error,
    });
  }
}

/** Makes one of a kind for each key; one that could not be made is made again. */
function memo<T>(make: (key: string) => Promise<T>): Memo<T> {
  const made = new Map<string, Promise<T>>();
  return {
    get: async (key) => {
      const known = made.get(key) ?? opened(make(key));
      made.set(key, known);
      try {
        return await known;
      } catch (error) {
        made.delete(key);
        throw error;
      }
    },
    all: async () => {
      const settled = await Promise.allSettled(made.values());
      return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    },
  };
}
