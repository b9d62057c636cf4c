import {
  columnFromValues,
  type MetadataColumn,
  type SparseVector,
  VecportError,
  type VectorColumn,
  type VectorId,
} from '@vecport/abstractions';
import { corrupt } from '../../parquet/corrupt.js';
import type { LeafValue } from './leaf-values.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a value that stands as bytes, `undefined` for none. @throws VecportError `corrupt-data` where it is not UTF-8. */
export function textOf(value: LeafValue, place: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) throw corrupt(`${place} holds ${typeof value}s and no text.`);
  try {
    return decoder.decode(value);
  } catch (error) {
    throw corrupt(`${place} holds a text that is not UTF-8.`, error);
  }
}

/** Ids: texts as they are, whole numbers with all their digits. @throws VecportError `corrupt-data` for others, and for none. */
export function idsOf(values: readonly LeafValue[], place: string): readonly VectorId[] {
  return values.map((value) => {
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
    const id = textOf(value, place);
    if (id === undefined || id === '') throw corrupt(`${place} has a row without an id.`);
    return id;
  });
}

/** JSON texts as the metadata of a batch; they are not parsed. @throws VecportError `corrupt-data` for other values. */
export function metadataOf(values: readonly LeafValue[], place: string): MetadataColumn {
  const parts = values.map((value) => {
    if (value === null || value === undefined) return undefined;
    if (typeof value === 'string') return Buffer.from(value);
    if (value instanceof Uint8Array) return value;
    throw corrupt(`${place} holds ${typeof value}s and no JSON text.`);
  });
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + (part?.length ?? 0);
  });
  const bytes = Buffer.concat(parts.filter((part) => part !== undefined));
  const missing = parts.includes(undefined)
    ? Uint8Array.from(parts, (part) => (part === undefined ? 1 : 0))
    : undefined;
  return { bytes, offsets, missing };
}

/** Milliseconds since 1970, NaN for none. */
export function timesOf(values: readonly LeafValue[], place: string): Float64Array {
  return Float64Array.from(values, (value) => {
    if (value === null || value === undefined) return Number.NaN;
    const time = Number(value);
    if (!Number.isSafeInteger(time)) throw corrupt(`${place} holds a ${typeof value} that is no time.`);
    return time;
  });
}

/** Dense vectors that stand as the bytes of their floats, least significant first. */
export function vectorsFromBytes(name: string, values: readonly LeafValue[], place: string): VectorColumn {
  return columnFromValues(
    name,
    values.map((value) => {
      if (value === null || value === undefined) return undefined;
      if (!(value instanceof Uint8Array) || value.length % 4 !== 0)
        throw corrupt(`${place} holds a vector that is not made of floats of four bytes.`);
      return new Float32Array(new Uint8Array(value).buffer);
    }),
  );
}

/** Dense vectors from lists of numbers. @throws VecportError `not-supported` for a number that is no float32. */
export function vectorsFromLists(name: string, values: readonly LeafValue[], place: string): VectorColumn {
  return columnFromValues(
    name,
    values.map((value) => (value === null || value === undefined ? undefined : floatsOf(value, place))),
  );
}

/** Multi vectors from lists of lists. */
export function vectorsFromNested(name: string, values: readonly LeafValue[], place: string): VectorColumn {
  return columnFromValues(
    name,
    values.map((value) => {
      if (value === null || value === undefined) return undefined;
      if (!Array.isArray(value)) throw corrupt(`${place} holds something that is no list.`);
      return value.map((vector) => floatsOf(vector, place));
    }),
  );
}

/** Sparse vectors from their indices, in any order, and their values. */
export function sparseVectors(
  name: string,
  indices: readonly LeafValue[],
  values: readonly LeafValue[],
  place: string,
): VectorColumn {
  return columnFromValues(
    name,
    values.map((own, row) => {
      const at = memberOf(indices[row], 'indices');
      const floats = memberOf(own, 'values');
      if (at === undefined && floats === undefined) return undefined;
      return sparseOf(at ?? [], floatsOf(floats ?? [], place), place);
    }),
  );
}

function memberOf(value: LeafValue, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key] ?? undefined;
}

function sparseOf(indices: unknown, values: Float32Array, place: string): SparseVector {
  const list = Array.from(indices as Iterable<unknown>, Number);
  if (list.length !== values.length)
    throw corrupt(`${place} has a row of ${list.length} indices and ${values.length} values.`);
  const order = list.map((_, i) => i).sort((a, b) => (list[a] ?? 0) - (list[b] ?? 0));
  const sorted = order.map((i) => list[i] ?? -1);
  const wrong = sorted.find((index, i) => !(index >= 0 && index <= 0xffff_ffff) || index === sorted[i - 1]);
  if (wrong !== undefined) throw corrupt(`${place} has the index ${wrong}, twice or out of range.`);
  return { indices: Uint32Array.from(sorted), values: Float32Array.from(order, (i) => values[i] ?? 0) };
}

function floatsOf(value: unknown, place: string): Float32Array {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) throw corrupt(`${place} holds something that is no list.`);
  const numbers = value as ArrayLike<unknown>;
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < floats.length; i++) {
    const number = typeof numbers[i] === 'bigint' ? Number(numbers[i]) : numbers[i];
    if (typeof number !== 'number') throw corrupt(`${place} has a vector with an element that is no number.`);
    floats[i] = number;
    if (floats[i] !== number && !Number.isNaN(number)) throw inexact(number, place);
  }
  return floats;
}

function inexact(number: number, place: string): VecportError {
  return new VecportError('not-supported', `${place} has the number ${number}, which no float32 is.`, {
    advice: 'Vectors are float32: cast the column to FLOAT first, and say so to whoever relies on the digits.',
  });
}
