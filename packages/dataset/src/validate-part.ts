import { type CollectionDescription, isVecportError, type VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { createBatchCheck } from './check-batch.js';
import { createDigest, isSameDigest } from './digest.js';
import { findPartDamage, partProblem } from './find-part-damage.js';
import type { ContentDigest, PartEntry } from './manifest.js';
import { compareIds } from './parquet/compare-ids.js';
import { decodePart } from './read-part.js';
import type { DatasetProblem } from './validation-report.js';

/** What checking one part gave. */
export interface PartCheck {
  readonly problems: readonly DatasetProblem[];
  /** Of the records in it; absent when it could not be read to its end. */
  readonly digest?: ContentDigest | undefined;
}

/** How a part is checked. */
export interface PartCheckOptions {
  readonly description: CollectionDescription;
  readonly signal: AbortSignal | undefined;
  /** Told every batch that was decoded. */
  readonly onBatch: (batch: VectorBatch) => void;
}

/**
 * Check one part against its entry, cheapest claim first: presence, size, checksum, then every row. A
 * part whose bytes are wrong is not decoded. Errors other than damage (a storage that fails, an abort) are thrown.
 */
export async function validatePart(storage: Storage, part: PartEntry, options: PartCheckOptions): Promise<PartCheck> {
  const outer = await findPartDamage(storage, part, options.signal);
  return outer === undefined ? checkRows(storage, part, options) : { problems: [outer] };
}

async function checkRows(storage: Storage, part: PartEntry, options: PartCheckOptions): Promise<PartCheck> {
  const { description, signal, onBatch } = options;
  const check = createBatchCheck(description);
  const digest = createDigest();
  const range: IdRange = { min: undefined, max: undefined };
  try {
    for await (const batch of decodePart(storage, part, { signal })) {
      signal?.throwIfAborted();
      check.add(batch);
      digest.add(batch);
      widen(range, batch.ids);
      onBatch(batch);
    }
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'corrupt-data') throw error;
    return { problems: [{ code: 'unreadable-part', path: part.path, message: error.reason }] };
  }
  const found = digest.value();
  const problems = check.problems().map(({ code, what }) => partProblem(part, code, what));
  if (found.count !== part.rows) {
    problems.push(partProblem(part, 'wrong-rows', `has ${found.count} rows where the manifest says ${part.rows}`));
  } else if (!isSameDigest(found, part.digest)) {
    problems.push(
      partProblem(part, 'wrong-digest', `holds other ${differingAspects(found, part.digest)} than the manifest says`),
    );
  }
  if (range.min !== part.minId || range.max !== part.maxId) {
    problems.push(
      partProblem(
        part,
        'wrong-id-range',
        `has ids from '${range.min}' to '${range.max}', which is not what the manifest says`,
      ),
    );
  }
  return { problems, digest: found };
}

interface IdRange {
  min: string | undefined;
  max: string | undefined;
}

function widen(range: IdRange, ids: readonly string[]): void {
  for (const id of ids) {
    if (range.min === undefined || compareIds(id, range.min) < 0) range.min = id;
    if (range.max === undefined || compareIds(id, range.max) > 0) range.max = id;
  }
}

function differingAspects(a: ContentDigest, b: ContentDigest): string {
  const aspects = (['ids', 'vectors', 'metadata'] as const).filter((aspect) => a[aspect] !== b[aspect]);
  return aspects.length === 0 ? 'records' : aspects.join(' and ');
}
