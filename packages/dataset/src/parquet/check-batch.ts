import { isUtf8 } from 'node:buffer';
import {
  type MetadataColumn,
  metadataBytes,
  VecportError,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import type { PartSchema, PartVector } from '../part-codec.js';
import { areUtf8 } from '../utf8-rows.js';
import { MAX_ROW_BYTES } from './format.js';

/**
 * Check that a batch fits a schema and can be stored without loss, before any of it is written.
 * @throws VecportError `dimension-mismatch` or `invalid-argument`, naming column and row.
 */
export function checkBatch(schema: PartSchema, batch: VectorBatch): void {
  const rows = batch.ids.length;
  checkIds(batch.ids);
  for (const [name, column] of Object.entries(batch.vectors)) {
    if (!Object.hasOwn(schema.vectors, name))
      throw refuse(`The batch has a vector '${name}', which the schema has not.`);
    const vector = schema.vectors[name];
    if (vector !== undefined && !isAllMissing(column, rows)) checkVector(name, vector, column, rows);
  }
  checkMetadata(batch.metadata, rows);
  checkTimes('createdAt', schema.createdAt, batch.createdAt, rows);
  checkTimes('updatedAt', schema.updatedAt, batch.updatedAt, rows);
}

function checkIds(ids: readonly string[]): void {
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] ?? '';
    if (!id.isWellFormed())
      throw refuse(`The id of row ${row} has half a surrogate pair and cannot be written as UTF-8.`);
    if (id.length > MAX_ROW_BYTES / 4)
      throw refuse(`The id of row ${row} is longer than ${MAX_ROW_BYTES / 4} characters.`);
  }
}

/** A column in which no row has a vector fits every kind and dimension. */
function isAllMissing(column: VectorColumn, rows: number): boolean {
  return rows === 0 || (column.missing?.length === rows && column.missing.every((flag) => flag === 1));
}

function checkVector(name: string, vector: PartVector, column: VectorColumn, rows: number): void {
  const label = `The vector '${name}'`;
  if (column.kind !== vector.kind)
    throw refuse(`${label} is ${column.kind} in the batch and ${vector.kind} in the schema.`);
  if (column.missing !== undefined) checkFlags(label, column.missing, rows);
  if (column.kind !== 'sparse' && column.dimension !== (vector.dimension ?? 0)) {
    throw new VecportError(
      'dimension-mismatch',
      `${label} has ${column.dimension} dimensions in the batch and ${vector.dimension ?? 'no known number of them'} in the schema.`,
    );
  }
  if (column.kind === 'dense') {
    checkLength(label, 'floats', column.values.length, rows * column.dimension);
    return;
  }
  checkOffsets(label, column.offsets, rows, column.kind === 'sparse' ? 4 : Math.max(1, column.dimension * 4));
  const end = column.offsets[rows] ?? 0;
  if (column.kind === 'sparse') checkRoom(label, 'indices', column.indices.length, end);
  checkRoom(label, 'floats', column.values.length, end * (column.kind === 'sparse' ? 1 : column.dimension));
}

function checkMetadata(column: MetadataColumn, rows: number): void {
  const label = 'The metadata';
  checkOffsets(label, column.offsets, rows, 1);
  if (column.missing !== undefined) checkFlags(label, column.missing, rows);
  checkRoom(label, 'bytes', column.bytes.length, column.offsets[rows] ?? 0);
  if (areUtf8(column.bytes, column.offsets, rows)) return;
  for (let row = 0; row < rows; row++) {
    const bytes = metadataBytes(column, row);
    if (bytes !== undefined && !isUtf8(bytes)) throw refuse(`${label} of row ${row} is not UTF-8.`);
  }
}

function checkTimes(
  name: 'createdAt' | 'updatedAt',
  wanted: boolean,
  times: Float64Array | undefined,
  rows: number,
): void {
  if (times === undefined) return;
  checkLength(`The column ${name}`, 'times', times.length, rows);
  for (let row = 0; row < rows; row++) {
    const time = times[row] ?? Number.NaN;
    if (Number.isNaN(time)) continue;
    if (!wanted) throw refuse(`The batch has the time ${name}, which the schema has not.`);
    if (!Number.isSafeInteger(time))
      throw refuse(`${name} of row ${row} is ${time}, which is not a whole number of milliseconds.`);
  }
}

function checkFlags(label: string, missing: Uint8Array, rows: number): void {
  checkLength(label, 'flags of missing rows', missing.length, rows);
  const row = missing.findIndex((flag) => flag > 1);
  if (row >= 0) throw refuse(`${label} has the flag ${missing[row]} for missing in row ${row}; it is 0 or 1.`);
}

function checkOffsets(label: string, offsets: Uint32Array, rows: number, bytesEach: number): void {
  checkLength(label, 'offsets', offsets.length, rows + 1);
  for (let row = 0; row < rows; row++) {
    const size = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0);
    if (size < 0) throw refuse(`${label} has offsets that fall at row ${row}.`);
    if (size * bytesEach > MAX_ROW_BYTES) {
      throw refuse(`${label} of row ${row} has ${size * bytesEach} bytes; the format holds ${MAX_ROW_BYTES}.`);
    }
  }
}

function checkLength(label: string, what: string, actual: number, expected: number): void {
  if (actual !== expected) throw refuse(`${label} has ${actual} ${what} in the batch instead of ${expected}.`);
}

function checkRoom(label: string, what: string, actual: number, needed: number): void {
  if (actual < needed)
    throw refuse(`${label} has ${actual} ${what} in the batch, fewer than its offsets say: ${needed}.`);
}

function refuse(reason: string): VecportError {
  return new VecportError('invalid-argument', reason);
}
