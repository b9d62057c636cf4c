import type { IVectorSearchRepository } from '@vecport/abstractions';

/**
 * A decorator of a repository. It returns `{ ...repository, <what it changes> }` and keeps exactly
 * the optional methods that are there: an absent capability stays absent, a present one present.
 */
export type RepositoryLayer = (repository: IVectorSearchRepository) => IVectorSearchRepository;

/** The repository inside the layers, in their order: the first is the innermost, the last is what callers meet. */
export function applyLayers(
  repository: IVectorSearchRepository,
  layers: readonly RepositoryLayer[],
): IVectorSearchRepository {
  return layers.reduce((inner, layer) => layer(inner), repository);
}
