import { corrupt } from '../../parquet/corrupt.js';

/** Bytes of a page, from `at` to `end`. */
export interface PageBytes {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/**
 * Decode runs of equal numbers and numbers packed into bits, Parquet's RLE, until `target` is full.
 * @param bitWidth at most 32; of 0 all numbers are 0.
 * @throws VecportError `corrupt-data` where the bytes end before.
 */
export function decodeRuns(
  { bytes, at: start, end }: PageBytes,
  bitWidth: number,
  target: Uint8Array | Uint32Array,
  place: string,
): void {
  if (bitWidth > 32) throw corrupt(`${place}: numbers of ${bitWidth} bits.`);
  const width = (bitWidth + 7) >> 3;
  let at = start;
  let filled = 0;
  while (filled < target.length && bitWidth > 0) {
    let header = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = at < end ? bytes[at++] : undefined;
      if (byte === undefined || scale > 2 ** 42) throw corrupt(`${place}: its levels or indices end too early.`);
      header += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    const isPacked = header % 2 === 1;
    const count = Math.floor(header / 2);
    const size = isPacked ? count * bitWidth : width;
    // The last bytes of packed numbers may be left out.
    if (count === 0 || (at + size > end && !isPacked)) throw corrupt(`${place}: its levels or indices end too early.`);
    if (isPacked) {
      const left = Math.min(count * 8, target.length - filled);
      if (at + Math.ceil((left * bitWidth) / 8) > end) throw corrupt(`${place}: its levels or indices end too early.`);
      unpack(bytes, at, bitWidth, target.subarray(filled, filled + left));
      filled += left;
    } else {
      let value = 0;
      for (let i = 0; i < width; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i);
      const left = Math.min(count, target.length - filled);
      target.fill(value, filled, filled + left);
      filled += left;
    }
    at += size;
  }
}

/** Numbers of `bitWidth` bits, the least significant bit first. */
function unpack(bytes: Uint8Array, start: number, bitWidth: number, target: Uint8Array | Uint32Array): void {
  let bit = 0;
  for (let i = 0; i < target.length; i++) {
    let value = 0;
    for (let have = 0; have < bitWidth; ) {
      const offset = (bit + have) & 7;
      const take = Math.min(8 - offset, bitWidth - have);
      value += (((bytes[start + ((bit + have) >> 3)] ?? 0) >> offset) & ((1 << take) - 1)) * 2 ** have;
      have += take;
    }
    target[i] = value;
    bit += bitWidth;
  }
}
