import { VecportError } from './errors.js';
import type { Capability, ExportOptions, IVectorSearchRepository } from './repository.js';
import type { ExportBatch } from './vector-batch.js';

/**
 * The optional methods of a repository. The presence of the method is the only statement of the
 * capability: `requireCapability`, the registry and the boot report all read this one list.
 */
export const CAPABILITIES = ['exportAll', 'slices'] as const satisfies readonly Capability[];

/** A repository that has the capability `C`. */
export type WithCapability<C extends Capability> = IVectorSearchRepository & Required<Pick<IVectorSearchRepository, C>>;

/** Whether a repository has a capability; narrows its type. */
export function hasCapability<C extends Capability>(
  repository: IVectorSearchRepository,
  capability: C,
): repository is WithCapability<C> {
  return typeof repository[capability] === 'function';
}

/**
 * The same repository, known to have the capability.
 * @throws VecportError `not-supported`, naming the provider, why, and the registered adapters that can.
 */
export function requireCapability<C extends Capability>(
  repository: IVectorSearchRepository,
  capability: C,
): WithCapability<C> {
  if (hasCapability(repository, capability)) return repository;
  const { reason, alternatives } = repository.advise(capability);
  throw new VecportError(
    'not-supported',
    `${CAPABILITY_NAMES[capability]} is not supported by this adapter. Provider: ${repository.provider}. ${reason}`,
    {
      provider: repository.provider,
      collection: repository.collection,
      operation: capability,
      advice:
        alternatives.length > 0
          ? `Consider an adapter that can do it: ${alternatives.join(', ')}.`
          : 'No adapter registered in this application is known to do it.',
    },
  );
}

/**
 * Every point of a repository in batches, for callers without types: where the provider cannot do
 * it, the call throws `not-supported` with advice instead of a bare TypeError.
 */
export function exportAll(repository: IVectorSearchRepository, options?: ExportOptions): AsyncIterable<ExportBatch> {
  return requireCapability(repository, 'exportAll').exportAll(options);
}

const CAPABILITY_NAMES: Readonly<Record<Capability, string>> = {
  exportAll: 'Vector export (exportAll)',
  slices: 'Reading in parallel slices (slices)',
};
