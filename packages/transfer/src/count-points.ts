import { type Filter, type IVectorSearchRepository, isVecportError } from '@vecport/abstractions';

/** Points in a collection, or those a filter matches; `undefined` where the provider cannot count them. */
export async function countPoints(
  repository: IVectorSearchRepository,
  filter: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    return await repository.count(filter, { signal });
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-supported') return undefined;
    throw error;
  }
}
