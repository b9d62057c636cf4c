import { type IVectorSearchRepository, requireCapability } from '@vecport/abstractions';
import type { BootReports } from '../boot-reports.js';
import { type Problem, problemOf } from './problem.js';

/**
 * Why a repository cannot export its vectors: the provider, the reason, the adapters here that can, and those that are
 * installed but not configured, of which this application cannot know it. `undefined` when it can.
 */
export async function exportProblem(
  repository: IVectorSearchRepository,
  reports: BootReports,
): Promise<Problem | undefined> {
  if (repository.exportAll !== undefined) return undefined;
  const { adapters } = await reports.latest();
  const unconfigured = adapters.flatMap(({ name, state }) => (state === 'unconfigured' ? [name] : []));
  const { alternatives } = repository.advise('exportAll');
  const problem = problemOf(refusalOf(repository));
  const installed = unconfigured.length === 0 ? '' : ` Installed here, but not configured: ${unconfigured.join(', ')}.`;
  return { ...problem, detail: `${problem.detail}${installed}`, alternatives, unconfigured };
}

function refusalOf(repository: IVectorSearchRepository): unknown {
  try {
    return requireCapability(repository, 'exportAll');
  } catch (error) {
    return error;
  }
}
