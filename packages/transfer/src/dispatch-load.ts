import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { withBulkLoad } from './bulk-load.js';
import { closeToOthers, type Dispatch, type DispatchedSlice, openToOthers } from './dispatch.js';
import type { JobState } from './job-state.js';
import { isHeld, type LoadCollection, type LoadOptions } from './load-collections.js';
import { openQuarantine } from './quarantine.js';
import { isWriteReceipt } from './repository-sink.js';

/** What is to be loaded by others. */
export interface DispatchedLoad extends Pick<LoadOptions, 'target' | 'bulk' | 'signal' | 'onProgress'> {
  readonly dispatch: Dispatch | undefined;
  readonly state: Storage | undefined;
  readonly job: JobState;
  readonly collections: readonly LoadCollection[];
}

/** Make the folder of work ready for this run: whoever worked for an earlier one is no longer wanted. */
export async function beginState(state: Storage | undefined, resumed: boolean): Promise<void> {
  if (state === undefined) return;
  if (resumed) await closeToOthers(state);
  else await openQuarantine(state, false);
}

/**
 * Have others write all slices of collections whose targets are ready, when that is asked for. What the targets no longer
 * have is written again.
 * @throws VecportError `invalid-argument` without a folder for the state.
 */
export async function dispatchLoad(load: DispatchedLoad): Promise<void> {
  const { dispatch, state, job, collections, signal, onProgress } = load;
  if (dispatch === undefined) return;
  if (state === undefined)
    throw new VecportError('invalid-argument', 'Work that others do needs a folder for its state, which they reach.');
  const repositories: IVectorSearchRepository[] = [];
  for (const at of collections.keys()) repositories.push(...(await prepareUnits(load, at)));
  const work = async (): Promise<void> =>
    openToOthers(state, async (run) =>
      dispatch({
        run,
        slices: collections.flatMap(slicesOf),
        resumed: job.resumed,
        signal,
        onProgress,
        stateOf: async ({ collection, unit, slice }) =>
          (await job.checkpoint(collection, unit, isWriteReceipt).load(slice)) ?? { done: false },
      }),
    );
  const tuned = load.bulk === true ? repositories : [];
  await tuned.reduceRight((inner, repository) => async () => withBulkLoad(repository, signal, inner), work)();
}

/** Open the units of a collection, make the tenants, and forget what was written of it when the target lost some. */
async function prepareUnits(
  { target, job, collections, signal }: DispatchedLoad,
  at: number,
): Promise<readonly IVectorSearchRepository[]> {
  const collection = collections[at];
  const repositories: IVectorSearchRepository[] = [];
  let whole = true;
  for (const [unit, { tenant, slices }] of collection?.units.entries() ?? []) {
    const name = collection?.target ?? '';
    if (tenant !== undefined) await target.createTenant(name, tenant, { signal });
    const repository = await target.repository(name, { tenant, signal });
    const checkpoint = job.checkpoint(at, unit, isWriteReceipt);
    const states = await Promise.all(slices.map(async (_, slice) => checkpoint.load(slice)));
    whole &&= await isHeld(
      repository,
      states.flatMap((state) => state?.parts ?? []),
      { signal },
    );
    repositories.push(repository);
  }
  if (!whole) await job.forget(at);
  return repositories;
}

function slicesOf({ name, units, total }: LoadCollection, collection: number): readonly DispatchedSlice[] {
  return units.flatMap(({ slices }, unit) =>
    slices.map(({ points }, slice) => {
      const only = slices.length === 1 && units.length === 1 ? total : undefined;
      return { collection, unit, slice, name, points: points ?? only };
    }),
  );
}
