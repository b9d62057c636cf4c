import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import type { Dataset, ManifestCollection } from '@vecport/dataset';
import { retrying } from './backoff.js';
import type { TargetMode } from './target-store.js';

/**
 * Let a dataset pass that is whole, or an increment that is applied to what a store holds already.
 * @throws VecportError `invalid-argument`, naming the dataset that is missing.
 */
export function checkWhole({ manifest: { id, parent } }: Dataset, mode: TargetMode): void {
  if (parent === undefined || mode === 'append') return;
  throw new VecportError(
    'invalid-argument',
    `The dataset '${id}' is an increment to '${parent.id}', which is not given.`,
    {
      operation: 'import',
      advice: `Give '${parent.id}' before it; or apply it, with the mode append, to a store that holds '${parent.id}'.`,
    },
  );
}

/**
 * Remove the points that a dataset's increments say are gone, from the repositories of a collection (with tenants: one
 * for each). Gives how many ids were removed; one that is not there is none the less. Harmless when it is done again.
 */
export async function removeGone(
  dataset: Dataset,
  collection: ManifestCollection,
  repositories: readonly IVectorSearchRepository[],
  signal: AbortSignal | undefined,
): Promise<number> {
  let removed = 0;
  for (const repository of repositories) {
    for await (const ids of dataset.removed(collection, { tenant: repository.tenant, signal })) {
      if (ids.length === 0) continue;
      const { accepted, failed } = await retrying(async () => repository.deleteMany(ids, { signal }), {}, signal);
      const [first] = failed;
      if (first !== undefined) throw notRemoved(repository, first.id, failed.length, first.reason);
      removed += accepted;
    }
  }
  return removed;
}

function notRemoved(
  { provider, collection }: IVectorSearchRepository,
  id: string,
  count: number,
  why: string,
): VecportError {
  return new VecportError(
    'provider-error',
    `${count} points that are gone could not be removed, for example '${id}': ${why}`,
    {
      provider,
      collection,
      operation: 'import',
      advice: 'Import it again with --resume.',
    },
  );
}
