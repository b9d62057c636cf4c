import { sliceCountFor } from './export-plan.js';
import type { UnitRequest } from './export-unit.js';
import { planUnit } from './prepare-export.js';

/**
 * Forget what was read of a unit and cut it into slices again, as it is now. Its checkpoints in `folder` go first: a
 * process that dies here leaves a plan of which nothing was read. Parts without a checkpoint are written over, or
 * removed at the end.
 */
export async function restartUnit({ repository, run, place, signal }: UnitRequest, folder: string): Promise<void> {
  const { storage, keeper, quarantine } = run;
  const old = keeper.unitAt(place);
  const paths: string[] = [];
  for await (const { path } of storage.list(`${folder}/`, { signal })) paths.push(path);
  for (const path of paths) await storage.delete(path);
  await quarantine.forget(place.collection, place.unit);
  try {
    await repository.releaseSlices?.(old.slices, { signal });
  } catch {
    // It is gone already, or it expires by itself.
    signal.throwIfAborted();
  }
  const { selection, partRows } = keeper.collectionAt(place);
  const sliceCount = (points: number | undefined): number =>
    Math.max(old.slices.slices.length, sliceCountFor(points, partRows));
  await keeper.replaceUnit(
    place,
    await planUnit(repository, { selection, sliceCount, read: keeper.plan.read, signal }),
  );
}
