/**
 * The encoding BYTE_STREAM_SPLIT for 32-bit values: all first bytes, then all second bytes, and so
 * on. Bit patterns are kept. Four values at a time where their number allows it.
 */
export function splitBytes(values: Float32Array, target: Uint8Array): void {
  const count = values.length;
  if (count % 4 !== 0 || target.byteOffset % 4 !== 0) {
    splitSlowly(new Uint8Array(values.buffer, values.byteOffset, count * 4), target, count);
    return;
  }
  const words = new Int32Array(values.buffer, values.byteOffset, count);
  const [first, second, third, fourth] = streams(target, count);
  for (let from = 0, to = 0; from < count; from += 4, to++) {
    const a = words[from] ?? 0;
    const b = words[from + 1] ?? 0;
    const c = words[from + 2] ?? 0;
    const d = words[from + 3] ?? 0;
    first[to] = (a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | (d << 24);
    second[to] = ((a >>> 8) & 0xff) | (b & 0xff00) | ((c & 0xff00) << 8) | ((d & 0xff00) << 16);
    third[to] = ((a >>> 16) & 0xff) | ((b >>> 8) & 0xff00) | (c & 0xff0000) | ((d & 0xff0000) << 8);
    fourth[to] = (a >>> 24) | ((b >>> 16) & 0xff00) | ((c >>> 8) & 0xff0000) | (d & 0xff000000);
  }
}

/** The inverse of {@link splitBytes}: `source` has four bytes for each of `values`. */
export function joinBytes(source: Uint8Array, values: Float32Array): void {
  const count = values.length;
  if (count % 4 !== 0) {
    joinSlowly(source, new Uint8Array(values.buffer, values.byteOffset, count * 4), count);
    return;
  }
  const words = new Int32Array(values.buffer, values.byteOffset, count);
  const aligned = source.byteOffset % 4 === 0 ? source : new Uint8Array(source);
  const [first, second, third, fourth] = streams(aligned, count);
  for (let from = 0, to = 0; to < count; from++, to += 4) {
    const a = first[from] ?? 0;
    const b = second[from] ?? 0;
    const c = third[from] ?? 0;
    const d = fourth[from] ?? 0;
    words[to] = (a & 0xff) | ((b & 0xff) << 8) | ((c & 0xff) << 16) | (d << 24);
    words[to + 1] = ((a >>> 8) & 0xff) | (b & 0xff00) | ((c & 0xff00) << 8) | ((d & 0xff00) << 16);
    words[to + 2] = ((a >>> 16) & 0xff) | ((b >>> 8) & 0xff00) | (c & 0xff0000) | ((d & 0xff0000) << 8);
    words[to + 3] = (a >>> 24) | ((b >>> 16) & 0xff00) | ((c >>> 8) & 0xff0000) | (d & 0xff000000);
  }
}

function streams(bytes: Uint8Array, count: number): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const stream = (index: number): Int32Array =>
    new Int32Array(bytes.buffer, bytes.byteOffset + index * count, count / 4);
  return [stream(0), stream(1), stream(2), stream(3)];
}

function splitSlowly(source: Uint8Array, target: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    for (let stream = 0; stream < 4; stream++) target[stream * count + i] = source[i * 4 + stream] ?? 0;
  }
}

function joinSlowly(source: Uint8Array, target: Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) {
    for (let stream = 0; stream < 4; stream++) target[i * 4 + stream] = source[stream * count + i] ?? 0;
  }
}
