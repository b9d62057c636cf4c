import { createHash } from 'node:crypto';
import type { VectorBatch } from '@vecport/abstractions';
import { createDigest } from './digest.js';
import type { ContentDigest } from './manifest.js';
import type { ByteSink, PartSummary, PartWriter } from './part-codec.js';
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

/** A {@link PartEncoder} in this thread, around the writer that `createWriter` makes; what that throws passes through. */
export function createPartEncoder(createWriter: (sink: ByteSink) => PartWriter, sink: ByteSink): PartEncoder {
  const sum = createHash('sha256');
  const digest = createDigest();
  const writer = createWriter(async (chunks) => {
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
