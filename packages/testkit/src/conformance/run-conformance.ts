import { conformanceChecks } from '../suites/index.js';
import type { ConformanceCheck } from './check.js';
import type { ConformanceOptions } from './options.js';
import { type CheckOutcome, openSession } from './session.js';

/** Run checks (all of them, if not said) without a test framework, one after the other, and tell what became of each. */
export async function runConformance(
  name: string,
  options: ConformanceOptions,
  checks: readonly ConformanceCheck[] = conformanceChecks,
): Promise<readonly CheckOutcome[]> {
  const session = await openSession(name, options);
  try {
    const outcomes: CheckOutcome[] = [];
    for (const check of checks) outcomes.push(await session.run(check));
    return outcomes;
  } finally {
    await session.close();
  }
}
