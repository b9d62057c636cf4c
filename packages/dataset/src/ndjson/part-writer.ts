import { VecportError, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { createOneAtATime } from '../one-at-a-time.js';
import { ByteBuffer } from '../parquet/byte-buffer.js';
import { checkBatch } from '../parquet/check-batch.js';
import { compareIds } from '../parquet/compare-ids.js';
import type { ByteSink, PartSchema, PartSummary, PartWriter } from '../part-codec.js';
import type { NdjsonEncoding } from '../part-encoding.js';
import { BLOCK_BYTES, MAX_LINE_BYTES } from './format.js';
import { type LineEncoder, lineEncoder } from './line-encoder.js';
import { type TextCompressor, textCompressor } from './text-compressor.js';

/** What is fixed before the first row of an NDJSON part. */
export interface NdjsonPartOptions {
  readonly schema: PartSchema;
  readonly compression: NdjsonEncoding['compression'];
  /** Of gzip and zstd; 1 if not said. */
  readonly level?: number | undefined;
}

/**
 * A writer of one part with a JSON object a line, with the keys of the columns of the Parquet layout; a value that a row does
 * not have has no key. Floats are the shortest decimals that round back to them, metadata its bytes as they are. Some
 * MiB of text are in memory. A batch that does not fit is refused as a whole, and the writer goes on; after the sink has
 * failed the writer is of no use.
 *
 * Rows keep their order. Neither `write` nor `finish` may be called before the last call has resolved.
 * @throws VecportError `invalid-argument` for a schema that cannot be written.
 */
export function createNdjsonPartWriter(options: NdjsonPartOptions, sink: ByteSink): PartWriter {
  const { schema, compression, level } = options;
  if (schema.layout !== undefined) {
    throw new VecportError(
      'invalid-argument',
      `The layout '${schema.layout}' is one of Parquet files, not of NDJSON.`,
      {
        advice: 'Choose Parquet, or the native layout.',
      },
    );
  }
  const compressor = textCompressor({ format: 'ndjson', compression, level }, sink);
  return new NdjsonPartWriter(schema, lineEncoder(schema), compressor);
}

class NdjsonPartWriter implements PartWriter {
  readonly #schema: PartSchema;
  readonly #encode: LineEncoder;
  readonly #compressor: TextCompressor;
  readonly #text = new ByteBuffer(BLOCK_BYTES * 2);
  readonly #turn = createOneAtATime('The NDJSON part');
  #rows = 0;
  #textBytes = 0;
  #longest = 0;
  #minId: VectorId | undefined;
  #maxId: VectorId | undefined;

  constructor(schema: PartSchema, encode: LineEncoder, compressor: TextCompressor) {
    this.#schema = schema;
    this.#encode = encode;
    this.#compressor = compressor;
  }

  get rows(): number {
    return this.#rows;
  }

  async write(batch: VectorBatch): Promise<void> {
    this.#turn.check();
    checkBatch(this.#schema, batch);
    await this.#turn.step(async () => {
      for (let row = 0; row < batch.ids.length; row++) {
        this.#addLine(batch, row);
        if (this.#text.length >= BLOCK_BYTES) await this.#endBlock();
      }
    });
  }

  async finish(): Promise<PartSummary> {
    this.#turn.check();
    await this.#turn.step(async () => {
      if (this.#text.length > 0) await this.#endBlock();
      await this.#compressor.end();
    });
    this.#turn.end();
    return {
      rows: this.#rows,
      bytes: this.#compressor.bytes,
      minId: this.#minId,
      maxId: this.#maxId,
      lines: { schema: this.#schema, bytes: this.#textBytes, longest: this.#longest },
    };
  }

  #addLine(batch: VectorBatch, row: number): void {
    const before = this.#text.length;
    this.#encode(batch, row, this.#text);
    const length = this.#text.length - before;
    const id = batch.ids[row] ?? '';
    if (length > MAX_LINE_BYTES) {
      throw new VecportError('invalid-argument', `The point '${id}' takes ${length} bytes as a line of JSON.`, {
        advice: `The most is ${MAX_LINE_BYTES}; write Parquet instead.`,
      });
    }
    this.#rows++;
    this.#longest = Math.max(this.#longest, length);
    if (this.#minId === undefined || compareIds(id, this.#minId) < 0) this.#minId = id;
    if (this.#maxId === undefined || compareIds(id, this.#maxId) > 0) this.#maxId = id;
  }

  async #endBlock(): Promise<void> {
    this.#textBytes += this.#text.length;
    await this.#compressor.write(this.#text.view());
    this.#text.length = 0;
  }
}
