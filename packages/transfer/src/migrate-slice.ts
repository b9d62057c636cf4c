import { VecportError } from '@vecport/abstractions';
import { withVecportErrors } from '@vecport/dataset';
import { readJobPlan } from './job-state.js';
import { type LoadSliceRequest, loadSlice } from './load-slice.js';
import { loadOfMigration, parsePlan } from './migrate-collections.js';
import type { MigrateRequest } from './migrate-request.js';
import type { SliceTurn } from './slice-turn.js';

/** A slice of a migration that was dispatched. */
export interface MigrateSliceRequest extends LoadSliceRequest, Pick<MigrateRequest, 'source' | 'as' | 'transform'> {}

/**
 * Move one slice of a dispatched migration (see `MigrateRequest.dispatch`), for one turn.
 * @throws VecportError as `migrateCollections` for what the stores say.
 */
export async function migrateSlice(request: MigrateSliceRequest): Promise<SliceTurn> {
  const { source, place, signal } = request;
  const plan = parsePlan(await readJobPlan(withVecportErrors(request.state)));
  const collection = plan.collections[place.collection];
  const unit = collection?.units[place.unit];
  if (collection === undefined || unit === undefined)
    throw new VecportError('invalid-argument', `The plan has no collection ${place.collection}.`);
  const repository = await source.repository(collection.name, { tenant: unit.tenant, signal });
  const group = collection.units.map(() => repository);
  return loadSlice(loadOfMigration({ ...request, selection: plan.selection }, collection, group), request);
}
