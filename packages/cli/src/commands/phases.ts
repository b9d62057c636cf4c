import type { Dataset, ValidationReport } from '@vecport/dataset';
import { createProgressMeter, verifyDataset } from '@vecport/transfer';
import type { CommandContext } from '../command-context.js';

/** What the phases of the engine are called while they run. */
export const PHASES = { read: 'Reading', validate: 'Checking', verify: 'Comparing' } as const;

/** Read a dataset and check every claim of its manifest. */
export async function checkFiles(dataset: Dataset, { signal, progress }: CommandContext): Promise<ValidationReport> {
  const { validation } = await verifyDataset({
    dataset,
    signal,
    onProgress: progress.listen(PHASES, createProgressMeter()),
  });
  return validation;
}
