import { createHash, type Hash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { sumDigests } from '../digest.js';
import type { PartEntry } from '../manifest.js';
import { createOneEnding } from '../one-ending.js';
import { compareIds } from '../parquet/compare-ids.js';
import type { ByteSource } from '../part-codec.js';
import { withVecportErrors } from '../storage-errors.js';
import { createSummedFile } from '../summed-file.js';
import { joinParquet } from './join-parquet.js';

/** Which parts become one file. */
export interface JoinPartsRequest {
  /** At least one, of one tenant, in the order their rows are to have. */
  readonly parts: readonly PartEntry[];
  /** Where the file goes. Replaces an older one. */
  readonly path: string;
  /** Its number among the files of its collection or tenant. */
  readonly index: number;
  /** Entries for the file's key-value metadata. */
  readonly keyValues: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Join parts of a dataset into one file, which is visible whole or not at all. The parts stay. Their checksums are
 * verified while they are copied; what the file holds follows from their entries.
 * @throws VecportError `corrupt-data` when a part is not as it was written; as `joinParquet`.
 */
export async function joinParts(storage: Storage, request: JoinPartsRequest): Promise<PartEntry> {
  const { parts, path, index, keyValues, signal } = request;
  const files = withVecportErrors(storage);
  const file = createSummedFile(await files.put(path, { signal }), path);
  const ending = createOneEnding(`The file ${path}`, file.abort, signal);
  const sums = parts.map(() => createHash('sha256'));
  return ending.last(async () => {
    const sources = parts.map(
      ({ path: part, bytes }): ByteSource => ({
        size: bytes,
        read: async (start, end) => files.read(part, { start, end }, { signal }),
      }),
    );
    const joined = await joinParquet(sources, file.sink, {
      keyValues,
      signal,
      onBytes: (at, bytes) => sums[at]?.update(bytes),
    });
    for (const [at, part] of parts.entries()) checkSum(part, sums[at], storage);
    const sha256 = await file.commit(joined.bytes);
    const { minId, maxId } = idRange(parts);
    const digest = sumDigests(parts.map((part) => part.digest));
    return { path, tenant: parts[0]?.tenant, slice: 0, index, ...joined, sha256, minId, maxId, digest };
  });
}

function checkSum({ path, sha256 }: PartEntry, sum: Hash | undefined, { url }: Storage): void {
  if (sum?.digest('hex') === sha256) return;
  throw new VecportError(
    'corrupt-data',
    `The part ${path} of the unfinished export in ${url} is not as it was written.`,
    {
      operation: 'export',
      advice: 'Remove the unfinished export and start again.',
    },
  );
}

function idRange(parts: readonly PartEntry[]): Pick<PartEntry, 'minId' | 'maxId'> {
  const ids = parts.flatMap(({ minId, maxId }) => [minId, maxId].filter((id) => id !== undefined)).sort(compareIds);
  return { minId: ids[0], maxId: ids.at(-1) };
}
