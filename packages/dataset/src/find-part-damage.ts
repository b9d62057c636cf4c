import { createHash } from 'node:crypto';
import type { Storage } from '@vecport/storage';
import type { PartEntry } from './manifest.js';
import { withVecportErrors } from './storage-errors.js';
import type { DatasetProblem, ProblemCode } from './validation-report.js';

/**
 * What is wrong with the file of a part, cheapest claim first: presence, size, checksum; `undefined`
 * when it is the file that was written. It is not decoded. A storage that fails is thrown, and so is
 * an abort reason.
 */
export async function findPartDamage(
  storage: Storage,
  part: PartEntry,
  signal: AbortSignal | undefined,
): Promise<DatasetProblem | undefined> {
  const files = withVecportErrors(storage);
  const entry = await files.head(part.path, { signal });
  if (entry === undefined) return partProblem(part, 'missing-part', 'is missing');
  if (entry.size !== part.bytes) {
    return partProblem(part, 'wrong-size', `has ${entry.size} bytes where the manifest says ${part.bytes}`);
  }
  const sum = createHash('sha256');
  for await (const chunk of files.stream(part.path, { signal })) {
    signal?.throwIfAborted();
    sum.update(chunk);
  }
  const sha256 = sum.digest('hex');
  if (sha256 === part.sha256) return undefined;
  return partProblem(part, 'wrong-checksum', `has the SHA-256 ${sha256} where the manifest says ${part.sha256}`);
}

/** A problem of one part; `what` follows its path. */
export function partProblem(part: PartEntry, code: ProblemCode, what: string): DatasetProblem {
  return { code, path: part.path, message: `The part ${part.path} ${what}.` };
}
