import type { CallOptions, VectorBatch, WriteFailure } from '@vecport/abstractions';

/** The place of a part: part `index` of slice `slice`. */
export interface PartPlace {
  readonly slice: number;
  readonly index: number;
}

/** A part being written. One writer uses it, one call at a time. */
export interface SinkPart<Receipt> {
  /** `refused`: points that belong here and that the source could not carry. */
  write(batch: VectorBatch, refused?: readonly WriteFailure[]): Promise<void>;
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
  /** A part has no use for a batch any more when `write` has resolved. */
  readonly keepsNothing?: boolean | undefined;
  open(place: PartPlace, options: CallOptions): Promise<SinkPart<Receipt>>;
}
