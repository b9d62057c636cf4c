import { parseJson, VecportError } from '@vecport/abstractions';
import type { Storage, StorageOptions } from '@vecport/storage';
import { z } from 'zod';
import { readText } from '../../files.js';
import { EXPORT_METADATA_PATH } from '../../paths.js';

const summarySchema = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  startedAt: z.string().optional(),
  completedAt: z.string().optional(),
  classes: z.array(z.string()).optional(),
  version: z.string().optional(),
  shardStatus: z
    .record(z.string(), z.record(z.string(), z.object({ status: z.string().optional(), objectsExported: z.int() })))
    .optional(),
  progress: z.record(z.string(), z.object({ objectsExported: z.int() })).optional(),
});

/** What Weaviate's own export says of itself in `export_metadata.json`. */
export interface WeaviateSummary {
  readonly id?: string | undefined;
  readonly version?: string | undefined;
  readonly startedAt?: string | undefined;
  readonly completedAt?: string | undefined;
  /** Objects by class. */
  readonly objects: ReadonlyMap<string, number>;
}

/**
 * Read what an export of Weaviate says of itself; `undefined` where there is nothing.
 * @throws VecportError `corrupt-data` where it cannot be read, `incomplete` for an export that did not succeed.
 */
export async function readWeaviateSummary(
  storage: Storage,
  options: StorageOptions,
): Promise<WeaviateSummary | undefined> {
  const text = await readText(storage, EXPORT_METADATA_PATH, options);
  if (text === undefined) return undefined;
  const { success, data } = summarySchema.safeParse(parseJson(text));
  if (!success)
    throw new VecportError('corrupt-data', `${EXPORT_METADATA_PATH} in ${storage.url} is not one of Weaviate's.`);
  const { status, shardStatus = {}, progress = {}, id, version, startedAt, completedAt } = data;
  const failed = Object.values(shardStatus).some((shards) =>
    Object.values(shards).some((shard) => (shard.status ?? 'SUCCESS') !== 'SUCCESS'),
  );
  if ((status !== undefined && status !== 'SUCCESS') || failed) {
    throw new VecportError('incomplete', `The export of Weaviate in ${storage.url} did not succeed: ${status}.`, {
      advice: 'Let Weaviate export again.',
    });
  }
  const objects = new Map(Object.entries(progress).map(([name, { objectsExported }]) => [name, objectsExported]));
  for (const [name, shards] of Object.entries(shardStatus)) {
    objects.set(
      name,
      Object.values(shards).reduce((sum, { objectsExported }) => sum + objectsExported, 0),
    );
  }
  return { id, version, startedAt, completedAt, objects };
}

/**
 * Compare what was found with what the export says it has.
 * @throws VecportError `incomplete` where a class has another number of objects.
 */
export function checkWeaviateCounts(
  { objects }: WeaviateSummary,
  found: ReadonlyMap<string, number>,
  url: string,
): void {
  for (const [name, count] of objects) {
    const rows = found.get(name) ?? 0;
    if (rows === count) continue;
    throw new VecportError(
      'incomplete',
      `'${name}' has ${rows} objects in the files of ${url}, and ${count} were exported.`,
      {
        advice: 'Copy all files of the export; one for each shard or tenant.',
      },
    );
  }
}
