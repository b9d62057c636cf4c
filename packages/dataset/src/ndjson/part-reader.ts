import { VecportError, type VectorBatch } from '@vecport/abstractions';
import type { ByteSource, PartLines } from '../part-codec.js';
import type { NdjsonEncoding } from '../part-encoding.js';
import { corruptPart, inLine } from './corrupt.js';
import { BATCH_BYTES } from './format.js';
import { rowCollector } from './row-collector.js';
import { textChunks } from './text-chunks.js';
import { textLines } from './text-lines.js';

/** How an NDJSON part is read. */
export interface ReadNdjsonOptions {
  readonly compression: NdjsonEncoding['compression'];
  /** What the manifest says of its lines. */
  readonly lines: PartLines;
  /** The most lines it may have; they are counted as they come. */
  readonly maxRows?: number | undefined;
  /** `ids`: batches with ids alone, without vectors, metadata and times. `all` if not said. */
  readonly columns?: 'all' | 'ids' | undefined;
  /** The most rows of a batch. A batch also ends with the line that brings it to 8 MiB. */
  readonly batchRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows a batch is taken for before one was read. */
const FIRST_ROWS = 256;

/**
 * The rows of a part that {@link createNdjsonPartWriter} made, in their order. Every vector of the schema is a column of
 * every batch. Ids and metadata come back byte by byte, floats bit by bit. Memory is bounded by some 30 MiB and four times
 * the longest line, and what the lines may decompress to by what the manifest says.
 * @throws VecportError `corrupt-data`, naming the number of the line, from 1; `invalid-argument`. Abort reasons and what
 * `source` throws pass through.
 */
export async function* readNdjsonPart(
  source: ByteSource,
  options: ReadNdjsonOptions,
): AsyncGenerator<VectorBatch, void, undefined> {
  const { signal, batchRows = Number.MAX_SAFE_INTEGER, columns = 'all', lines } = options;
  const { maxRows = Number.MAX_SAFE_INTEGER } = options;
  if (!Number.isSafeInteger(batchRows) || batchRows < 1) {
    throw new VecportError('invalid-argument', `batchRows is ${batchRows}.`, { advice: 'Give a whole number from 1.' });
  }
  signal?.throwIfAborted();
  let room = Math.min(FIRST_ROWS, batchRows);
  let rows = rowCollector(lines.schema, room, columns);
  let bytes = 0;
  let line = 0;
  for await (const { bytes: text, ends } of textLines(textChunks(source, options.compression, signal), lines)) {
    signal?.throwIfAborted();
    let start = 0;
    for (const end of ends) {
      line++;
      if (line > maxRows) throw corruptPart(`line ${line} is one too many.`);
      try {
        rows.add(text.subarray(start, end - 1));
      } catch (error) {
        throw inLine(line, error);
      }
      bytes += end - start;
      start = end;
      if (rows.rows < batchRows && bytes < BATCH_BYTES) continue;
      room = rows.rows;
      yield rows.take();
      rows = rowCollector(lines.schema, room, columns);
      bytes = 0;
    }
  }
  if (rows.rows > 0) yield rows.take();
}
