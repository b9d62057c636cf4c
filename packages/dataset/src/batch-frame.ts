import type { MetadataColumn, VectorBatch, VectorColumn } from '@vecport/abstractions';

/** Gives memory of at least so many bytes, whose contents do not matter. */
type TakeMemory = (bytes: number) => ArrayBuffer;

type Column = Float32Array | Uint32Array | Uint8Array | Float64Array;

/** A batch whose columns are views into one piece of memory, which can be given to another thread. */
export interface BatchFrame {
  readonly columns: Omit<VectorBatch, 'ids'>;
  /** All ids one after the other, and how many UTF-16 units each has: one text is sent much faster than many. */
  readonly ids: string;
  readonly idLengths: Uint32Array;
  readonly memory: ArrayBuffer;
}

type Map = <T extends Column>(column: T) => T;
type MapOptional = <T extends Column>(column: T | undefined) => T | undefined;

/** Every column begins where any type of number may stand. */
const ALIGNMENT = 8;

/** A copy of the batch: what else its object has is left out. */
export function frameOf(source: VectorBatch, take: TakeMemory): BatchFrame {
  const lengths = lengthsOf(source.ids);
  let bytes = roomOf(lengths);
  mapColumns(source, (column) => {
    bytes += roomOf(column);
    return column;
  });
  const memory = take(bytes);
  let at = 0;
  const place = <T extends Column>(column: T): T => {
    const copy = copyAt(column, memory, at);
    at += roomOf(column);
    return copy;
  };
  const idLengths = place(lengths);
  return { columns: mapColumns(source, place), ids: source.ids.join(''), idLengths, memory };
}

/** The batch in a frame. Its columns are views into the frame's memory. */
export function batchOf({ columns, ids, idLengths }: Omit<BatchFrame, 'memory'>): VectorBatch {
  const all: string[] = [];
  let at = 0;
  for (const length of idLengths) {
    all.push(ids.slice(at, at + length));
    at += length;
  }
  return { ...columns, ids: all };
}

/** Several times faster than `Uint32Array.from`. */
function lengthsOf(ids: readonly string[]): Uint32Array {
  const lengths = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) lengths[row] = ids[row]?.length ?? 0;
  return lengths;
}

function mapColumns(batch: VectorBatch, map: Map): Omit<VectorBatch, 'ids'> {
  const optional = <T extends Column>(column: T | undefined): T | undefined =>
    column === undefined ? undefined : map(column);
  return {
    vectors: Object.fromEntries(
      Object.entries(batch.vectors).map(([name, column]) => [name, mapVector(column, map, optional)]),
    ),
    metadata: mapMetadata(batch.metadata, map, optional),
    createdAt: optional(batch.createdAt),
    updatedAt: optional(batch.updatedAt),
  };
}

function mapVector(column: VectorColumn, map: Map, optional: MapOptional): VectorColumn {
  const common = { values: map(column.values), missing: optional(column.missing) };
  if (column.kind === 'dense') return { ...column, ...common };
  if (column.kind === 'multi') return { ...column, ...common, offsets: map(column.offsets) };
  return { ...column, ...common, offsets: map(column.offsets), indices: map(column.indices) };
}

function mapMetadata(column: MetadataColumn, map: Map, optional: MapOptional): MetadataColumn {
  return { bytes: map(column.bytes), offsets: map(column.offsets), missing: optional(column.missing) };
}

function roomOf({ byteLength }: Column): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}

function copyAt<T extends Column>(column: T, memory: ArrayBuffer, at: number): T {
  const { length, byteLength, byteOffset } = column;
  new Uint8Array(memory, at, byteLength).set(new Uint8Array(column.buffer, byteOffset, byteLength));
  // Of a Buffer the constructor is another one.
  if (column instanceof Uint8Array) return new Uint8Array(memory, at, length) as T;
  const Type = column.constructor as new (memory: ArrayBuffer, at: number, length: number) => T;
  return new Type(memory, at, length);
}
