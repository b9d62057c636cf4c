import { VecportError, type VectorBatch } from '@vecport/abstractions';
import { createIdSet, findPartDamage, type PartEntry, readPart } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';

/** Counts ids that come more than once. */
export interface UniqueIds {
  add(batch: VectorBatch): void;
  duplicates(): number;
  /** Some of the ids that came more than once. */
  examples(): readonly string[];
}

/**
 * Counts ids that come more than once, those of parts written by an earlier run included.
 * `vouched`: their writers vouch for their bytes, which are not checked again then. `expected`: how many ids will come, where
 * that is known.
 * @throws VecportError `corrupt-data` when one of those parts is not as it was written.
 */
export async function createUniqueIds(
  storage: Storage,
  earlier: readonly PartEntry[],
  signal: AbortSignal | undefined,
  vouched = false,
  expected?: number,
): Promise<UniqueIds> {
  const seen = createIdSet(expected);
  const examples: string[] = [];
  let duplicates = 0;
  const add = (batch: VectorBatch): void => {
    for (const id of batch.ids) {
      if (seen.add(id)) continue;
      duplicates++;
      if (examples.length < 5) examples.push(id);
    }
  };
  for (const part of earlier) {
    if (!vouched) await refuseDamaged(storage, part, signal);
    for await (const batch of readPart(storage, part, { columns: 'ids', signal })) add(batch);
  }
  return { add, duplicates: () => duplicates, examples: () => examples };
}

/**
 * Refuse points that share a key, where a metadata field is their key.
 * @throws VecportError `conflict`, naming some of the keys.
 */
export function refuseSharedKeys(keyField: string | undefined, ids: UniqueIds): void {
  if (keyField === undefined || ids.duplicates() === 0) return;
  const examples = ids.examples().map((id) => `'${id}'`);
  throw new VecportError(
    'conflict',
    `${ids.duplicates()} points have a value in the field '${keyField}' that another point has too: ${examples.join(', ')}.`,
    {
      operation: 'export',
      advice: 'Name a field whose values differ, or leave the key field out: points are named by their ids then.',
    },
  );
}

/** What an earlier run wrote is vouched for again by the manifest, so its bytes are checked again. */
async function refuseDamaged(storage: Storage, part: PartEntry, signal: AbortSignal | undefined): Promise<void> {
  const damage = await findPartDamage(storage, part, signal);
  if (damage === undefined) return;
  const what = damage.code === 'missing-part' ? 'missing' : 'not as it was written';
  throw new VecportError(
    'corrupt-data',
    `The part ${part.path} of the unfinished export in ${storage.url} is ${what}.`,
    {
      operation: 'export',
      advice: 'Remove the unfinished export and start again.',
    },
  );
}
