import {
  type Consistency,
  type Filter,
  type IVectorSearchRepository,
  requireCapability,
  type Slice,
  type SlicePlan,
} from '@vecport/abstractions';
import type { TransferSource } from './transfer-source.js';

/** What is read of a collection. */
export interface Selection {
  readonly filter?: Filter | undefined;
  /** Keep only these top-level metadata fields. */
  readonly fields?: readonly string[] | undefined;
}

/** The whole collection as one slice, for providers that cannot cut it. */
const WHOLE: Slice = { token: 'vecport:whole' };

/**
 * A repository as a source.
 * @throws VecportError `not-supported` with advice, at once, when the provider cannot export.
 */
export function repositorySource(
  repository: IVectorSearchRepository,
  selection: Selection = {},
  batchSize?: number,
): TransferSource {
  const exporter = requireCapability(repository, 'exportAll');
  return {
    read: ({ slice, after, signal }) =>
      exporter.exportAll({
        ...selection,
        batchSize,
        after,
        signal,
        slice: slice.token === WHOLE.token ? undefined : slice,
      }),
  };
}

/** The slices of a collection: the provider's own, or the whole where it has none to give. */
export async function planSlices(
  repository: IVectorSearchRepository,
  count: number,
  selection: Selection,
  signal: AbortSignal | undefined,
): Promise<SlicePlan> {
  requireCapability(repository, 'exportAll');
  if (repository.slices === undefined) return { slices: [WHOLE], consistency: unpinned(repository.traits.consistency) };
  return repository.slices(count, { filter: selection.filter, signal });
}

/** A snapshot that no slice names is not found again by a later read. */
function unpinned(consistency: Consistency): Consistency {
  return consistency === 'snapshot' ? 'point-in-time' : consistency;
}
