import { batchBytes, type ExportBatch, joinBatches, type VectorTraits } from '@vecport/abstractions';
import type { TransferSource } from './transfer-source.js';

/** Bytes a write has when nobody asks for fewer points: several are in memory at a time. */
const WRITE_BYTES = 2 ** 26;

/** How large a batch may become. */
export interface BatchLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** What a write should have: as much as the provider takes in one request, or as many points as were asked for. */
export function writeLimits(
  { maxWritePoints, maxWriteBytes }: Pick<VectorTraits, 'maxWritePoints' | 'maxWriteBytes'>,
  batchSize: number | undefined,
): BatchLimits {
  return { rows: Math.min(batchSize ?? maxWritePoints, maxWritePoints), bytes: Math.min(maxWriteBytes, WRITE_BYTES) };
}

/**
 * The same points in the same order, in batches as large as the limits allow: pages of files hold few
 * points, and stores write many at once faster. A batch that is larger by itself passes as it is.
 */
export function inLargeBatches(source: TransferSource, limits: BatchLimits): TransferSource {
  return { read: (options) => collect(source.read(options), limits) };
}

async function* collect(
  batches: AsyncIterable<ExportBatch>,
  limits: BatchLimits,
): AsyncGenerator<ExportBatch, void, undefined> {
  let waiting: ExportBatch[] = [];
  let [rows, bytes] = [0, 0];
  for await (const batch of batches) {
    const size = batchBytes(batch);
    if (waiting.length > 0 && (rows + batch.ids.length > limits.rows || bytes + size > limits.bytes)) {
      yield joined(waiting);
      waiting = [];
      [rows, bytes] = [0, 0];
    }
    waiting.push(batch);
    rows += batch.ids.length;
    bytes += size;
  }
  if (waiting.length > 0) yield joined(waiting);
}

function joined(batches: readonly ExportBatch[]): ExportBatch {
  const last = batches.at(-1) as ExportBatch;
  return { ...joinBatches(batches), cursor: last.cursor, progress: last.progress };
}
