import type { VectorColumn } from '@vecport/abstractions';
import { corrupt, type FloatSink, type JsonReader } from '@vecport/wire';
import type { PartVector } from '../part-codec.js';
import { readSpecialFloats } from './special-floats.js';

/** Collects the vectors of one name, row by row. */
export interface ColumnCollector {
  /** Row `row`, the next one, has the value the reader is at. @throws VecportError `corrupt-data`. */
  read(reader: JsonReader, row: number): void;
  /** Row `row`, the next one, has none. */
  skip(row: number): void;
  /** The column of so many rows, all of which were read or skipped. */
  take(rows: number): VectorColumn;
}

/** A collector with room for about `rows` rows. */
export function columnCollector(name: string, { kind, dimension = 0 }: PartVector, rows: number): ColumnCollector {
  switch (kind) {
    case 'dense':
      return denseCollector(name, dimension, rows);
    case 'multi':
      return multiCollector(name, dimension, rows);
    case 'sparse':
      return sparseCollector(name, rows);
  }
}

function denseCollector(name: string, dimension: number, rows: number): ColumnCollector {
  const floats: FloatSink = { values: new Float32Array(rows * dimension), length: 0 };
  const flags = missingFlags();
  return {
    read: (reader) => readVector(reader, floats, dimension, name),
    skip: (row) => {
      flags.add(row);
      reserve(floats, dimension);
      floats.values.fill(0, floats.length, floats.length + dimension);
      floats.length += dimension;
    },
    take: (count) => ({
      kind: 'dense',
      dimension,
      values: floats.values.subarray(0, count * dimension),
      missing: flags.take(count),
    }),
  };
}

function multiCollector(name: string, dimension: number, rows: number): ColumnCollector {
  const floats: FloatSink = { values: new Float32Array(rows * dimension), length: 0 };
  const flags = missingFlags();
  const offsets = [0];
  let vectors = 0;
  return {
    read: (reader) => {
      reader.enterArray();
      while (reader.nextElement()) {
        readVector(reader, floats, dimension, name);
        vectors++;
      }
      offsets.push(vectors);
    },
    skip: (row) => {
      flags.add(row);
      offsets.push(vectors);
    },
    take: (count) => ({
      kind: 'multi',
      dimension,
      offsets: Uint32Array.from(offsets),
      values: floats.values.subarray(0, floats.length),
      missing: flags.take(count),
    }),
  };
}

function sparseCollector(name: string, rows: number): ColumnCollector {
  const floats: FloatSink = { values: new Float32Array(rows * 16), length: 0 };
  const indices: number[] = [];
  const flags = missingFlags();
  const offsets = [0];
  return {
    read: (reader) => {
      const members = new Set<string>();
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        if ((key !== 'indices' && key !== 'values') || members.has(key))
          throw corrupt(`has a key ${JSON.stringify(key)} in the vector '${name}'`);
        members.add(key);
        if (key === 'values') readFloats(reader, floats);
        else readIndices(reader, indices, name);
      }
      if (members.size !== 2 || indices.length !== floats.length)
        throw corrupt(`has other indices than values in the vector '${name}'`);
      offsets.push(indices.length);
    },
    skip: (row) => {
      flags.add(row);
      offsets.push(indices.length);
    },
    take: (count) => ({
      kind: 'sparse',
      offsets: Uint32Array.from(offsets),
      indices: Uint32Array.from(indices),
      values: floats.values.subarray(0, floats.length),
      missing: flags.take(count),
    }),
  };
}

function readVector(reader: JsonReader, into: FloatSink, dimension: number, name: string): void {
  const found = readFloats(reader, into);
  if (found !== dimension) throw corrupt(`has ${found} numbers instead of ${dimension} in the vector '${name}'`);
}

/** Numbers, nearly always; what else can stand for a float makes the list be read again, slowly. */
function readFloats(reader: JsonReader, into: FloatSink): number {
  const { position } = reader;
  const { length } = into;
  try {
    return reader.floats(into);
  } catch {
    reader.position = position;
    into.length = length;
    return readSpecialFloats(reader, into);
  }
}

function readIndices(reader: JsonReader, into: number[], name: string): void {
  reader.enterArray();
  while (reader.nextElement()) {
    const text = reader.numberText();
    const index = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(index < 2 ** 32)) throw corrupt(`has the index ${text} in the vector '${name}'`);
    into.push(index);
  }
}

function reserve(floats: FloatSink, more: number): void {
  if (floats.length + more <= floats.values.length) return;
  const larger = new Float32Array(Math.max(floats.length + more, floats.values.length * 2));
  larger.set(floats.values);
  floats.values = larger;
}

interface MissingFlags {
  add(row: number): void;
  take(rows: number): Uint8Array | undefined;
}

function missingFlags(): MissingFlags {
  const missing: number[] = [];
  return {
    add: (row) => {
      missing.push(row);
    },
    take: (rows) => {
      if (missing.length === 0) return undefined;
      const flags = new Uint8Array(rows);
      for (const row of missing) flags[row] = 1;
      return flags;
    },
  };
}
