import { type IVectorSearchRepository, requireCapability } from '@vecport/abstractions';
import { type Problem, problemOf } from '../http/problem.js';

/** Why a repository cannot export its vectors, naming the provider and the adapters that can; `undefined` when it can. */
export function exportProblem(repository: IVectorSearchRepository): Problem | undefined {
  try {
    requireCapability(repository, 'exportAll');
    return undefined;
  } catch (error) {
    return { ...problemOf(error), alternatives: repository.advise('exportAll').alternatives };
  }
}
