import { isUtf8 } from 'node:buffer';
import { emptyMetadata, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { corrupt, JsonReader } from '@vecport/wire';
import { ByteBuffer } from '../parquet/byte-buffer.js';
import { columnsOf } from '../parquet/layout.js';
import type { PartSchema } from '../part-codec.js';
import { type ColumnCollector, columnCollector } from './column-collectors.js';
import { METADATA_KEY, METADATA_TEXT_KEY } from './format.js';

/** Collects lines into the columns of a batch. */
export interface RowCollector {
  readonly rows: number;
  /** The line, without its line feed, as the next row. @throws VecportError `corrupt-data` of `wire`; it is of no use then. */
  add(line: Uint8Array): void;
  take(): VectorBatch;
}

/** A collector with room for about `rows` rows; `ids`: of the ids alone. */
export function rowCollector(schema: PartSchema, rows: number, columns: 'all' | 'ids'): RowCollector {
  const ids: VectorId[] = [];
  const members = columns === 'ids' ? idsAlone() : allMembers(schema, rows);
  return {
    get rows() {
      return ids.length;
    },
    add: (line) => {
      const row = ids.length;
      const reader = new JsonReader(line);
      reader.enterObject();
      for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
        if (key === 'id') {
          if (ids.length > row) throw corrupt("has the key 'id' twice");
          ids.push(idAt(reader));
        } else members.read(key, reader, row);
      }
      reader.finish();
      if (ids.length === row) throw corrupt('has no id');
      members.endRow(row);
    },
    take: () => ({ ids, ...members.take(ids.length) }),
  };
}

interface Members {
  read(key: string, reader: JsonReader, row: number): void;
  endRow(row: number): void;
  take(rows: number): Omit<VectorBatch, 'ids'>;
}

function idsAlone(): Members {
  return {
    read: (_, reader) => reader.skip(),
    endRow: () => {},
    take: (rows) => ({ vectors: {}, metadata: emptyMetadata(rows) }),
  };
}

function allMembers(schema: PartSchema, rows: number): Members {
  const vectors = new Map<string, { readonly name: string; readonly collector: ColumnCollector }>();
  const metadata = metadataCollector();
  const times = new Map<string, TimeCollector>();
  for (const { content, node } of columnsOf(schema)) {
    if (content.kind === 'vector')
      vectors.set(node.name, { name: content.name, collector: columnCollector(content.name, content.vector, rows) });
    if (content.kind === 'createdAt' || content.kind === 'updatedAt') times.set(node.name, timeCollector(content.kind));
  }
  const seen = new Set<string>();
  return {
    read: (key, reader, row) => {
      const isMetadata = key === METADATA_KEY || key === METADATA_TEXT_KEY;
      const slot = isMetadata ? METADATA_KEY : key;
      if (seen.has(slot)) throw corrupt(`has the key ${JSON.stringify(key)} twice`);
      seen.add(slot);
      if (isMetadata) metadata.read(reader, row, key);
      else (vectors.get(key)?.collector ?? times.get(key) ?? unknownKey(key)).read(reader, row);
    },
    endRow: (row) => {
      if (!seen.has(METADATA_KEY)) metadata.skip(row);
      for (const [key, { collector }] of vectors) if (!seen.has(key)) collector.skip(row);
      for (const [key, collector] of times) if (!seen.has(key)) collector.skip(row);
      seen.clear();
    },
    take: (count) => ({
      vectors: Object.fromEntries(Array.from(vectors.values(), ({ name, collector }) => [name, collector.take(count)])),
      metadata: metadata.take(count),
      ...Object.fromEntries(Array.from(times.values(), (collector) => [collector.field, collector.take()])),
    }),
  };
}

function unknownKey(key: string): never {
  throw corrupt(`has the key ${JSON.stringify(key.slice(0, 200))}, which is none of the part's columns`);
}

function idAt(reader: JsonReader): VectorId {
  const id = reader.text();
  if (!id.isWellFormed()) throw corrupt('has an id with half a surrogate pair');
  return id;
}

function metadataCollector() {
  const bytes = new ByteBuffer(1 << 16);
  const offsets = [0];
  const missing: number[] = [];
  return {
    read: (reader: JsonReader, _row: number, key: string): void => {
      bytes.append(key === METADATA_KEY ? rawAt(reader) : textAt(reader));
      offsets.push(bytes.length);
    },
    skip: (row: number): void => {
      missing.push(row);
      offsets.push(bytes.length);
    },
    take: (rows: number): VectorBatch['metadata'] => {
      const flags = missing.length === 0 ? undefined : new Uint8Array(rows);
      for (const row of missing) if (flags !== undefined) flags[row] = 1;
      return { bytes: bytes.view(), offsets: Uint32Array.from(offsets), missing: flags };
    },
  };
}

function rawAt(reader: JsonReader): Uint8Array {
  const raw = reader.raw();
  if (!isUtf8(raw)) throw corrupt('has metadata that is not UTF-8');
  return raw;
}

function textAt(reader: JsonReader): Uint8Array {
  const text = reader.text();
  if (!text.isWellFormed()) throw corrupt('has metadata with half a surrogate pair');
  return Buffer.from(text);
}

interface TimeCollector {
  readonly field: 'createdAt' | 'updatedAt';
  read(reader: JsonReader, row: number): void;
  skip(row: number): void;
  take(): Float64Array;
}

function timeCollector(field: 'createdAt' | 'updatedAt'): TimeCollector {
  const times: number[] = [];
  return {
    field,
    read: (reader) => {
      const text = reader.numberText();
      const time = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(time)) throw corrupt(`has the time ${text}, which is no whole number of milliseconds`);
      times.push(time);
    },
    skip: () => {
      times.push(Number.NaN);
    },
    take: () => Float64Array.from(times),
  };
}
