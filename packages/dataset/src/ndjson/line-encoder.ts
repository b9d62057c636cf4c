import {
  hasVector,
  isVecportError,
  metadataBytes,
  rowRange,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { JsonReader, MAX_FLOAT_TEXT, writeFloatsText } from '@vecport/wire';
import type { ByteBuffer } from '../parquet/byte-buffer.js';
import { columnsOf } from '../parquet/layout.js';
import type { PartSchema } from '../part-codec.js';
import { METADATA_KEY, METADATA_TEXT_KEY } from './format.js';
import { areFinite, specialText } from './special-floats.js';

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
/** Floats printed before more room is made. */
const FLOATS_AT_ONCE = 4096;

/** Appends the line of one row of a batch, which fits the schema. */
export type LineEncoder = (batch: VectorBatch, row: number, target: ByteBuffer) => void;

/** The lines of a schema: `id`, the columns that the row has a value in, in the order of the Parquet layout, a line feed. */
export function lineEncoder(schema: PartSchema): LineEncoder {
  const members = columnsOf(schema).map(({ content, node }): LineEncoder => {
    const key = Buffer.from(`,${JSON.stringify(node.name)}:`);
    switch (content.kind) {
      case 'id':
        return writeId;
      case 'metadata':
        return writeMetadata;
      case 'createdAt':
      case 'updatedAt':
        return timeMember(key, content.kind);
      case 'vector':
        return vectorMember(key, content.name);
      default:
        throw new RangeError(`Lines of JSON have no column '${node.name}'.`);
    }
  });
  return (batch, row, target) => {
    for (const member of members) member(batch, row, target);
    target.reserve(2);
    target.bytes[target.length++] = 0x7d;
    target.bytes[target.length++] = LINE_FEED;
  };
}

const ID_KEY = Buffer.from('{"id":');

/** Ids are mostly ASCII without anything to escape, which a loop writes faster than a call. */
function writeId({ ids }: VectorBatch, row: number, target: ByteBuffer): void {
  const id = ids[row] ?? '';
  target.append(ID_KEY);
  const start = target.length;
  target.reserve(id.length + 2);
  const { bytes } = target;
  bytes[start] = QUOTE;
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at);
    if (unit < 0x20 || unit >= 0x7f || unit === QUOTE || unit === 0x5c) {
      writeText(target, JSON.stringify(id));
      return;
    }
    bytes[start + 1 + at] = unit;
  }
  bytes[start + 1 + id.length] = QUOTE;
  target.length = start + id.length + 2;
}

const METADATA_PREFIX = Buffer.from(`,"${METADATA_KEY}":`);
const METADATA_TEXT_PREFIX = Buffer.from(`,"${METADATA_TEXT_KEY}":`);

/** As it is where that is one JSON value on one line; as text, in quotes, where it is anything else. */
function writeMetadata({ metadata }: VectorBatch, row: number, target: ByteBuffer): void {
  const text = metadataBytes(metadata, row);
  if (text === undefined) return;
  if (fitsIntoLine(text)) {
    target.append(METADATA_PREFIX);
    target.append(text);
  } else {
    target.append(METADATA_TEXT_PREFIX);
    writeText(target, JSON.stringify(Buffer.from(text).toString()));
  }
}

/** Whether the reader finds a text again as it was: one value, nothing around it, and nothing in it that ends a line. */
function fitsIntoLine(text: Uint8Array): boolean {
  if (text.includes(LINE_FEED) || text.includes(0x0d)) return false;
  try {
    const reader = new JsonReader(text);
    if (reader.raw().length !== text.length) return false;
    reader.finish();
    return true;
  } catch (error) {
    if (isVecportError(error)) return false;
    throw error;
  }
}

function timeMember(key: Uint8Array, field: 'createdAt' | 'updatedAt'): LineEncoder {
  return (batch, row, target) => {
    const time = batch[field]?.[row] ?? Number.NaN;
    if (Number.isNaN(time)) return;
    target.append(key);
    // A whole number below 2^53; −0 is 0.
    writeText(target, String(time));
  };
}

function vectorMember(key: Uint8Array, name: string): LineEncoder {
  return (batch, row, target) => {
    const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
    if (column === undefined || !hasVector(column, row)) return;
    target.append(key);
    writeVector(column, row, target);
  };
}

const INDICES = Buffer.from('{"indices":[');
const VALUES = Buffer.from('],"values":');

function writeVector(column: VectorColumn, row: number, target: ByteBuffer): void {
  if (column.kind === 'dense') {
    const { dimension } = column;
    writeFloats(column.values.subarray(row * dimension, (row + 1) * dimension), target);
    return;
  }
  const [start, end] = rowRange(column.offsets, row);
  if (column.kind === 'sparse') {
    target.append(INDICES);
    writeText(target, column.indices.subarray(start, end).join(','));
    target.append(VALUES);
    writeFloats(column.values.subarray(start, end), target);
    target.byte(0x7d);
    return;
  }
  const { dimension } = column;
  target.byte(OPEN_ARRAY);
  for (let at = start; at < end; at++) {
    if (at > start) target.byte(COMMA);
    writeFloats(column.values.subarray(at * dimension, (at + 1) * dimension), target);
  }
  target.byte(CLOSE_ARRAY);
}

/** Floats are finite, nearly always: which is found out by printing them. */
function writeFloats(values: Float32Array, target: ByteBuffer): void {
  target.byte(OPEN_ARRAY);
  const { length } = target;
  try {
    writeNumbers(values, target);
  } catch (error) {
    if (areFinite(values)) throw error;
    target.length = length;
    writeSpecialFloats(values, target);
  }
  target.byte(CLOSE_ARRAY);
}

function writeNumbers(values: Float32Array, target: ByteBuffer): void {
  for (let from = 0; from < values.length; from += FLOATS_AT_ONCE) {
    if (from > 0) target.byte(COMMA);
    const some = values.length <= FLOATS_AT_ONCE ? values : values.subarray(from, from + FLOATS_AT_ONCE);
    target.reserve(some.length * (MAX_FLOAT_TEXT + 1));
    target.length = writeFloatsText(target.bytes, target.length, some);
  }
}

function writeSpecialFloats(values: Float32Array, target: ByteBuffer): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  words.forEach((bits, at) => {
    if (at > 0) target.byte(COMMA);
    const one = values.subarray(at, at + 1);
    if (areFinite(one)) {
      target.reserve(MAX_FLOAT_TEXT);
      target.length = writeFloatsText(target.bytes, target.length, one);
    } else writeText(target, JSON.stringify(specialText(bits)));
  });
}

function writeText(target: ByteBuffer, text: string): void {
  target.reserve(text.length * 3);
  target.length += target.bytes.write(text, target.length);
}
