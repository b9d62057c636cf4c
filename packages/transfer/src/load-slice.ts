import { batchBytes, VecportError } from '@vecport/abstractions';
import { withVecportErrors } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { SlicePlace } from './dispatch.js';
import { jobCheckpoint } from './job-state.js';
import { inLargeBatches, writeLimits } from './large-batches.js';
import { keptRefused, type LoadCollection, PART_ROWS } from './load-collections.js';
import { openQuarantine } from './quarantine.js';
import { isWriteReceipt, repositorySink } from './repository-sink.js';
import { type SliceTurn, type TurnOptions, takeTurn } from './slice-turn.js';
import type { TargetStore } from './target-store.js';

/** A slice of an import or a migration that was dispatched, whatever it is read from. */
export interface LoadSliceRequest extends TurnOptions {
  /** The folder of the work's state. */
  readonly state: Storage;
  readonly target: TargetStore;
  readonly place: SlicePlace;
  /** As the request that began the work says. */
  readonly batchSize?: number | undefined;
  /** Told of points and the bytes of their columns as they are read, not yet durable. */
  readonly onRead?: ((points: number, bytes: number) => void) | undefined;
}

/** Write one slice of `collection`, whose target is ready, for one turn. Points are replaced by id: twice is harmless. */
export async function loadSlice(collection: LoadCollection, request: LoadSliceRequest): Promise<SliceTurn> {
  const { target, place, batchSize, signal, onRead } = request;
  const state = withVecportErrors(request.state);
  const unit = collection.units[place.unit];
  const slice = unit?.slices[place.slice];
  if (unit === undefined || slice === undefined)
    throw new VecportError('invalid-argument', `'${collection.name}' has no slice ${place.slice}.`);
  const repository = await target.repository(collection.target, { tenant: unit.tenant, signal });
  const limits = writeLimits(repository.traits, batchSize);
  const quarantine = await openQuarantine(state, true);
  const job = {
    source: inLargeBatches(unit.source(limits.rows), limits),
    sink: repositorySink(repository, keptRefused(repository, [place.collection, place.unit], { quarantine })),
    slice,
    partRows: Math.max(PART_ROWS, limits.rows),
    checkpoint: jobCheckpoint(state, place.collection, place.unit, isWriteReceipt),
    onBatch: (batch: Parameters<typeof batchBytes>[0]) => onRead?.(batch.ids.length, batchBytes(batch)),
  };
  return takeTurn(state, place.slice, job, request);
}
