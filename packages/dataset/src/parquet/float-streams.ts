import { kernels } from '../kernels/kernels.js';
import type { ByteBuffer } from './byte-buffer.js';
import { joinBytes, splitBytes } from './byte-stream-split.js';

/** The bytes of floats in the encoding BYTE_STREAM_SPLIT, good until the next call; `scratch` is memory they may be put in. */
export function splitFloats(values: Float32Array, scratch: ByteBuffer): Uint8Array {
  const split = kernels()?.splitBytes(values);
  if (split !== undefined) return split;
  scratch.length = 0;
  scratch.reserve(values.byteLength);
  const target = scratch.bytes.subarray(0, values.byteLength);
  splitBytes(values, target);
  return target;
}

/** The inverse: `source` has four bytes for each of `values`. */
export function joinFloats(source: Uint8Array, values: Float32Array): void {
  if (kernels()?.joinBytes(source, values) !== true) joinBytes(source, values);
}
