import type { ErrorCode } from '@vecport/abstractions';
import type { BatchFrame } from './batch-frame.js';
import type { PartSchema } from './part-codec.js';
import type { PartContent } from './part-encoder.js';
import type { PartEncoding } from './part-encoding.js';

/** To a thread that encodes parts. Each is answered by messages with the same `part`, a number, in the same order. */
export type PartRequest =
  | { readonly type: 'begin'; readonly part: number; readonly schema: PartSchema; readonly encoding: PartEncoding }
  /** `refusing`: points that cannot be carried are left out. */
  | { readonly type: 'rows'; readonly part: number; readonly frame: BatchFrame; readonly refusing: boolean }
  | { readonly type: 'finish'; readonly part: number }
  /** No answer. */
  | { readonly type: 'drop'; readonly part: number };

/** From such a thread. */
export type PartAnswer =
  /** Bytes of the file, in memory that nobody else uses. They come before the answer to the request they follow from. */
  | { readonly type: 'bytes'; readonly part: number; readonly chunks: readonly Uint8Array[] }
  /** A batch is taken; its memory is given back. */
  | {
      readonly type: 'taken';
      readonly part: number;
      readonly rows: number;
      readonly memory: ArrayBuffer;
      readonly refused: readonly RefusedPoint[];
    }
  | { readonly type: 'finished'; readonly part: number; readonly content: PartContent }
  | { readonly type: 'failed'; readonly part: number; readonly error: SentError };

/** A point that cannot be carried. */
export interface RefusedPoint {
  readonly id: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** An error as a message can hold it. */
export type SentError =
  | { readonly kind: 'vecport'; readonly code: ErrorCode; readonly reason: string; readonly advice: string | undefined }
  | { readonly kind: 'other'; readonly error: unknown };
