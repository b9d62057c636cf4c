import { conformanceChecks } from '../suites/index.js';
import { checkTitle } from './check.js';
import { deviationLines } from './conformance-results.js';
import type { ConformanceOptions } from './options.js';
import type { CheckOutcome } from './session.js';

/** What does not apply and why, and the documented deviations, as lines for a person; empty when there is nothing to say. */
export function absenceTable(name: string, outcomes: readonly CheckOutcome[], options: ConformanceOptions): string {
  const lines = [
    ...outcomes
      .filter(({ status }) => status === 'absent')
      .map((outcome) => `${checkTitle(outcome)} — ${outcome.reason}`),
    ...deviationLines(options),
  ];
  return lines.length === 0 ? '' : `\nAbsent or different in ${name}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** The keys of `absent` that no check is called by or needs. */
export function unknownAbsences({ absent = {} }: ConformanceOptions): readonly string[] {
  const known = new Set<string>(conformanceChecks.flatMap((check) => [checkTitle(check), ...check.needs]));
  return Object.keys(absent).filter((key) => !known.has(key));
}
