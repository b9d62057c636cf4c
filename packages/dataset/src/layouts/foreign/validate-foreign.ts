import { isVecportError } from '@vecport/abstractions';
import { createDigest, isSameDigest, sumDigests } from '../../digest.js';
import type { ContentDigest, ManifestCollection } from '../../manifest.js';
import type { Dataset } from '../../open-dataset.js';
import type { DatasetProblem, ValidationOptions, ValidationReport } from '../../validation-report.js';

/**
 * Read a foreign dataset once more: its points must be those that were there when it was opened, as all else was checked
 * then. Errors as of `validateDataset`.
 */
export async function validateForeign(dataset: Dataset, options: ValidationOptions): Promise<ValidationReport> {
  const problems: DatasetProblem[] = [];
  const digests: ContentDigest[] = [];
  let bytes = 0;
  for (const collection of dataset.manifest.collections) {
    let rows = 0;
    for (const part of collection.parts) {
      const digest = createDigest();
      try {
        for await (const batch of dataset.readPart(part, { signal: options.signal })) {
          digest.add(batch);
          rows += batch.ids.length;
          options.onProgress?.(progressOf(collection, part.path, rows, bytes));
        }
      } catch (error) {
        if (!isVecportError(error) || error.code !== 'corrupt-data') throw error;
        problems.push({ code: 'unreadable-part', path: part.path, message: error.reason });
        continue;
      }
      const found = digest.value();
      digests.push(found);
      bytes += part.bytes;
      if (isSameDigest(found, part.digest)) continue;
      const message = `The file ${part.path} holds other points than when it was opened.`;
      problems.push({ code: 'wrong-digest', path: part.path, message });
    }
  }
  const digest = sumDigests(digests);
  return { ok: problems.length === 0, problems, rows: digest.count, bytes, digest };
}

function progressOf({ name, counts }: ManifestCollection, path: string, rows: number, bytes: number) {
  return { collection: name, path, rows, total: counts.exported, bytes };
}
