import { type IVectorSearchRepository, isVecportError } from '@vecport/abstractions';
import type { UnitPlan } from './export-plan.js';
import { sliceAsked } from './repository-source.js';

/**
 * Whether the state that this process planned a unit's slices in can still be read here: then everybody who read them
 * could read it. A state that was lost does not come back.
 */
export async function isStillHeld(
  repository: IVectorSearchRepository,
  { slices }: UnitPlan,
  signal: AbortSignal,
): Promise<boolean> {
  const slice = slices.slices[0];
  if (slices.consistency !== 'point-in-time' || slice === undefined) return true;
  const asked = sliceAsked(slice);
  // Without slices, every turn is a read of its own.
  if (asked === undefined) return false;
  try {
    for await (const _batch of repository.exportAll?.({ slice: asked, batchSize: 1, signal }) ?? []) break;
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isVecportError(error)) return false;
    throw error;
  }
}
