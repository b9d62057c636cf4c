import { VecportError } from '@vecport/abstractions';
import { type DispatchedSlice, openToOthers } from './dispatch.js';
import type { ExportPlan } from './export-plan.js';
import type { ExportRequest } from './export-request.js';
import { exportCheckpoint } from './export-unit.js';

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
  await openToOthers(storage, async (run) =>
    dispatch({
      run,
      slices: slicesOf(plan),
      resumed,
      signal,
      onProgress,
      stateOf: async (place) => (await exportCheckpoint(storage, place).load(place.slice)) ?? { done: false },
    }),
  );
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
