import { type BatchBuilder, halfToFloat, readFloatsBE } from '@vecport/wire';
import { corruptRows } from './errors.js';
import type { VectorLayout } from './layout.js';

/** Copies the vector in `bytes[start .. start + length]`, in the type's binary format, into the builder's present row. */
export type VectorReader = (bytes: Buffer, start: number, length: number, builder: BatchBuilder) => void;

/** The reader of a column. What it reads must be as the layout says, or it throws VecportError `corrupt-data`. */
export function vectorReader(vector: VectorLayout): VectorReader {
  if (vector.spec.kind === 'multi') return multiReader(vector);
  switch (vector.type) {
    case 'vector':
      return denseReader(vector, 4, readFloatsBE);
    case 'halfvec':
      return denseReader(vector, 2, readHalves);
    case 'bit':
      return bitReader(vector);
    case 'sparsevec':
      return sparseReader(vector);
  }
}

type FloatReader = typeof readFloatsBE;

// int16 dimension, int16 unused, then the numbers.
function denseReader({ name, width = 0 }: VectorLayout, size: number, read: FloatReader): VectorReader {
  return (bytes, start, length, builder) => {
    checkDense(bytes, start, length, { name, width, size });
    const { values, offset } = builder.dense(name);
    read(bytes, start + 4, width, values, offset);
  };
}

interface DenseShape {
  readonly name: string;
  readonly width: number;
  readonly size: number;
}

function checkDense(bytes: Buffer, start: number, length: number, { name, width, size }: DenseShape): void {
  const found = length < 4 ? -1 : bytes.readUInt16BE(start);
  if (found === width && length === 4 + width * size) return;
  throw corruptRows(`a vector '${name}' has ${found} dimensions in ${length} bytes instead of ${width}`);
}

function readHalves(bytes: Uint8Array, at: number, count: number, into: Float32Array, offset: number): void {
  for (let i = 0; i < count; i++) {
    const half = ((bytes[at + i * 2] ?? 0) << 8) | (bytes[at + i * 2 + 1] ?? 0);
    into[offset + i] = halfToFloat(half);
  }
}

// int32 number of bits, then the bits, the first one highest.
function bitReader({ name, width = 0 }: VectorLayout): VectorReader {
  return (bytes, start, length, builder) => {
    const found = length < 4 ? -1 : bytes.readInt32BE(start);
    if (found !== width || length !== 4 + Math.ceil(width / 8)) {
      throw corruptRows(`a vector '${name}' has ${found} bits in ${length} bytes instead of ${width}`);
    }
    const { values, offset } = builder.dense(name);
    for (let bit = 0; bit < width; bit++) {
      values[offset + bit] = ((bytes[start + 4 + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1;
    }
  };
}

// int32 dimension, int32 number of entries, int32 unused, the indices as int32, the values as float4.
function sparseReader({ name, width }: VectorLayout): VectorReader {
  return (bytes, start, length, builder) => {
    const entries = length < 12 ? -1 : bytes.readInt32BE(start + 4);
    if (entries < 0 || length !== 12 + entries * 8) {
      throw corruptRows(`a sparse vector '${name}' has ${entries} entries in ${length} bytes`);
    }
    const dimension = bytes.readInt32BE(start);
    if (width !== undefined && dimension !== width) {
      throw corruptRows(`a sparse vector '${name}' has ${dimension} dimensions instead of ${width}`);
    }
    const indices = new Uint32Array(entries);
    for (let i = 0; i < entries; i++) {
      const index = bytes.readInt32BE(start + 12 + i * 4);
      if (index < 0 || index >= dimension) throw corruptRows(`a sparse vector '${name}' has the index ${index}`);
      indices[i] = index;
    }
    const values = new Float32Array(entries);
    readFloatsBE(bytes, start + 12 + entries * 4, entries, values, 0);
    builder.sparse(name, indices, values);
  };
}

// An array: int32 number of its dimensions (0 or 1), int32 flags, the elements' type, then int32 length, int32 lower
// bound, and each element behind its int32 length.
function multiReader({ name, width = 0 }: VectorLayout): VectorReader {
  return (bytes, start, length, builder) => {
    if (length < 12) throw corruptRows(`a list of vectors '${name}' is cut off`);
    const dimensions = bytes.readInt32BE(start);
    if (dimensions === 0) {
      builder.multi(name, 0);
      return;
    }
    const count = dimensions === 1 && length >= 20 ? bytes.readInt32BE(start + 12) : -1;
    const element = 4 + width * 4;
    if (count < 0 || length !== 20 + count * (4 + element)) {
      throw corruptRows(
        `a list of vectors '${name}' has ${dimensions} dimensions, ${count} vectors, or a NULL among them`,
      );
    }
    const { values, offset } = builder.multi(name, count);
    for (let i = 0; i < count; i++) {
      const at = start + 20 + i * (4 + element);
      checkDense(bytes, at + 4, bytes.readInt32BE(at), { name, width, size: 4 });
      readFloatsBE(bytes, at + 8, width, values, offset + i * width);
    }
  };
}
