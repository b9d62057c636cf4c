import { VecportError } from '@vecport/abstractions';
import { type DispatchedSlice, openToOthers } from './dispatch.js';
import type { ExportPlan } from './export-plan.js';
import type { ExportRequest } from './export-request.js';
import { exportCheckpoint } from './export-unit.js';
import { groupTenants } from './prepare-export.js';
import { isStillHeld } from './still-held.js';

/** How often that is: well within the time for which providers hold a state that nobody reads. */
const KEEP_MS = 60_000;

/** @throws VecportError `not-supported` for what cannot be dispatched, by name. */
export function checkDispatched({ dispatch, limit, ids, since, strict, resume }: ExportRequest): void {
  if (dispatch === undefined) return;
  const asked = {
    limit,
    'list of ids': ids,
    since,
    'strict resume': (resume === true && strict === true) || undefined,
  };
  const [what] = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (what === undefined) return;
  throw new VecportError('not-supported', `An export with a ${what} cannot be done by several processes.`, {
    operation: 'export',
    advice: 'Do it in one process.',
  });
}

/** Have others read all slices, when that is asked for. */
export async function dispatchExport(request: ExportRequest, plan: ExportPlan, resumed: boolean): Promise<void> {
  const { dispatch, storage, signal, onProgress } = request;
  if (dispatch === undefined) return;
  const keeping = keepHeld(request, plan);
  const work = async (run: string): Promise<void> =>
    dispatch({
      run,
      slices: slicesOf(plan),
      resumed,
      signal,
      onProgress,
      stateOf: async (place) => (await exportCheckpoint(storage, place).load(place.slice)) ?? { done: false },
    });
  try {
    await openToOthers(storage, work);
  } finally {
    clearInterval(keeping);
  }
}

/** Read a little of each state that a provider holds for the plan now and then, so that it does not count as forgotten. */
function keepHeld({ repositories, signal }: ExportRequest, { collections }: ExportPlan): NodeJS.Timeout {
  const groups = groupTenants(repositories);
  const touch = async (): Promise<void> => {
    for (const [at, { units }] of collections.entries()) {
      for (const [unit, planned] of units.entries()) {
        const repository = groups[at]?.[unit];
        if (repository !== undefined) await isStillHeld(repository, planned, signal ?? new AbortController().signal);
      }
    }
  };
  // What is lost is found out at the end.
  return setInterval(() => void touch().catch(() => undefined), KEEP_MS);
}

function slicesOf({ collections }: ExportPlan): readonly DispatchedSlice[] {
  return collections.flatMap(({ name, units }, collection) =>
    units.flatMap(({ slices, expected }, unit) =>
      slices.slices.map(({ points }, slice) => {
        const only = slices.slices.length === 1 ? expected : undefined;
        return { collection, unit, slice, name, points: points ?? only };
      }),
    ),
  );
}
