import { createHash } from 'node:crypto';
import type { VectorBatch } from '@vecport/abstractions';
import type { CreatePartWriter } from './create-part-writer.js';
import { createDigest } from './digest.js';
import type { ContentDigest } from './manifest.js';
import type { ByteSink, PartSchema, PartSummary } from './part-codec.js';
import type { PartEncoding } from './part-encoding.js';
import { type RefusedListener, takeCarriable } from './take-carriable.js';

/** What is known of a part when its last byte is with the sink. */
export interface PartContent extends PartSummary {
  /** Of all its bytes. */
  readonly sha256: string;
  readonly digest: ContentDigest;
}

/** Turns batches into the bytes of a part and sums both up. After an error it is of no use. */
export interface PartEncoder {
  /** Rows so far. */
  readonly rows: number;
  /** See `OpenPart.write`. */
  write(batch: VectorBatch, onRefused?: RefusedListener): Promise<void>;
  /** Every batch is taken when it resolves, and all that was refused is told. */
  settle(): Promise<void>;
  /** Write what is left and the footer. */
  finish(): Promise<PartContent>;
}

/** A {@link PartEncoder} in this thread. @throws VecportError `invalid-argument` for a schema that cannot be written. */
export function createPartEncoder(
  createPartWriter: CreatePartWriter,
  schema: PartSchema,
  encoding: PartEncoding,
  sink: ByteSink,
): PartEncoder {
  const sum = createHash('sha256');
  const digest = createDigest();
  const writer = createPartWriter(schema, encoding, async (chunks) => {
    for (const chunk of chunks) sum.update(chunk);
    await sink(chunks);
  });
  return {
    get rows() {
      return writer.rows;
    },
    write: async (batch, onRefused) => {
      if (onRefused === undefined) digest.add(batch);
      await writer.write(onRefused === undefined ? batch : takeCarriable(batch, digest, onRefused));
    },
    settle: async () => {},
    finish: async () => ({ ...(await writer.finish()), sha256: sum.digest('hex'), digest: digest.value() }),
  };
}
