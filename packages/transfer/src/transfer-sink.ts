import type { CallOptions, VectorBatch } from '@vecport/abstractions';

/** The place of a part: part `index` of slice `slice`. */
export interface PartPlace {
  readonly slice: number;
  readonly index: number;
}

/** A part being written. One writer uses it, one call at a time. */
export interface SinkPart<Receipt> {
  write(batch: VectorBatch): Promise<void>;
  /** Make the part durable. What it gives is kept in the checkpoint, so it must survive JSON. */
  commit(): Promise<Receipt>;
  /** Drop what can be dropped. Never throws. */
  abort(): Promise<void>;
}

/**
 * Where points go, in parts. The part is the unit of resuming: after a crash, parts that are in
 * the checkpoint are kept and all others are written again, so writing a part twice must be harmless.
 */
export interface TransferSink<Receipt> {
  open(place: PartPlace, options: CallOptions): Promise<SinkPart<Receipt>>;
}
