import assert from 'node:assert/strict';
import {
  type ExportBatch,
  type ExportOptions,
  type IVectorSearchRepository,
  requireCapability,
} from '@vecport/abstractions';
import { fingerprints } from './fingerprint.js';

/** All that one export gave. */
export interface CollectedExport {
  readonly batches: readonly ExportBatch[];
  readonly ids: readonly string[];
  /** The fingerprints of the points, in the order they came. */
  readonly points: readonly string[];
}

/**
 * Read an export to its end. Fingerprints are taken at the end, so that a sender which reuses its
 * buffers is found out; batches that are empty or larger than `batchSize` are refused.
 */
export async function collectExport(
  repository: IVectorSearchRepository,
  options: ExportOptions = {},
): Promise<CollectedExport> {
  const batches: ExportBatch[] = [];
  for await (const batch of requireCapability(repository, 'exportAll').exportAll(options)) {
    assert.ok(batch.ids.length > 0, 'an export gave an empty batch');
    if (options.batchSize !== undefined) {
      assert.ok(
        batch.ids.length <= options.batchSize,
        `a batch has ${batch.ids.length} points instead of at most ${options.batchSize}`,
      );
    }
    batches.push(batch);
  }
  return { batches, ids: batches.flatMap((batch) => batch.ids), points: batches.flatMap(fingerprints) };
}
