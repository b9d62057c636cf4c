import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VectorTraits } from '@vecport/abstractions';
import { checkTitle } from './check.js';
import type { ConformanceOptions } from './options.js';
import type { CheckOutcome } from './session.js';

/** The environment variable that names the folder results are written to. */
const FOLDER_VARIABLE = 'VECPORT_CONFORMANCE_RESULTS';

/** What a run of the conformance suite found, as it is kept in a file. */
export interface ConformanceResults {
  /** What was tested, e.g. `elasticsearch 9`. */
  readonly name: string;
  readonly traits: VectorTraits;
  readonly outcomes: readonly Pick<CheckOutcome, 'suite' | 'name' | 'status' | 'reason'>[];
  /** Documented differences, one sentence each. */
  readonly deviations: readonly string[];
}

/** Write the results of a run into the folder that the environment names; nothing where it names none. */
export async function keepResults(
  name: string,
  traits: VectorTraits,
  outcomes: readonly CheckOutcome[],
  options: ConformanceOptions,
): Promise<void> {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined || folder === '') return;
  const results: ConformanceResults = {
    name,
    traits,
    outcomes: outcomes
      .map(({ suite, name: check, status, reason }) => ({ suite, name: check, status, reason }))
      .toSorted((left, right) => (checkTitle(left) < checkTitle(right) ? -1 : 1)),
    deviations: deviationLines(options),
  };
  await mkdir(folder, { recursive: true });
  const file = `${name.replace(/[^a-z0-9.-]+/gi, '-')}.json`;
  await writeFile(join(folder, file), `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The documented differences of a provider, one sentence each. */
export function deviationLines({
  metadataDeviations = {},
  refusedIds = {},
  refusedMetadata = {},
}: ConformanceOptions): readonly string[] {
  return [
    ...Object.entries(metadataDeviations).map(
      ([record, { reason }]) => `golden metadata '${record}' comes back different — ${reason}`,
    ),
    ...Object.entries(refusedIds).map(([record, reason]) => `golden id '${record}' is refused — ${reason}`),
    ...Object.entries(refusedMetadata).map(([record, reason]) => `golden metadata '${record}' is refused — ${reason}`),
  ];
}
