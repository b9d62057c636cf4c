import { batchBytes, joinBatches, type VectorTraits } from '@vecport/abstractions';
import { joinRefused } from './refused-rows.js';
import type { SourceBatch, TransferSource } from './transfer-source.js';

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
  batches: AsyncIterable<SourceBatch>,
  limits: BatchLimits,
): AsyncGenerator<SourceBatch, void, undefined> {
  let waiting: SourceBatch[] = [];
  let [rows, bytes] = [0, 0];
  for await (const batch of batches) {
    const size = batchBytes(batch);
    const full = rows + batch.ids.length > limits.rows || bytes + size > limits.bytes;
    if (waiting[0] !== undefined && (full || columnsOf(waiting[0]) !== columnsOf(batch))) {
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

function joined(batches: readonly SourceBatch[]): SourceBatch {
  const last = batches.at(-1) as SourceBatch;
  return {
    ...joinBatches(batches),
    cursor: last.cursor,
    progress: last.progress,
    read: batches.reduce((sum, { ids, read = ids.length }) => sum + read, 0),
    missing: batches.flatMap(({ missing = [] }) => missing),
    refused: joinRefused(batches),
  };
}

/** Equal for batches that can be joined: a transform may leave a vector out in one of them. */
function columnsOf({ vectors }: SourceBatch): string {
  const columns = Object.entries(vectors).map(([name, column]) =>
    JSON.stringify([name, column.kind, column.kind === 'sparse' ? 0 : column.dimension]),
  );
  return columns.toSorted().join();
}
