import { isUtf8 } from 'node:buffer';
import {
  hasVector,
  metadataBytes,
  rowRange,
  type VectorBatch,
  type VectorColumn,
  type WriteFailure,
} from '@vecport/abstractions';
import { floatToHalf, halfToFloat } from '@vecport/wire';
import { dimensionMismatch, invalidArgument } from './errors.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import { payloadOf } from './metadata.js';
import { isNativePayload } from './native-payload.js';
import { pointIdOf } from './point-id.js';
import type { PointToWrite } from './points.js';

/** The points of a batch that can be written, and why the others cannot. */
export interface CheckedPoints {
  readonly points: readonly PointToWrite[];
  readonly failed: readonly WriteFailure[];
}

/**
 * Take out what Qdrant would refuse together with all others, or store as something else: vectors with values
 * that are not finite, that the collection's element type does not hold exactly or that cannot be
 * normalised, multi-vectors without rows, metadata that is not JSON.
 * @throws VecportError `invalid-argument` for a vector the collection does not have, or of another kind,
 * `dimension-mismatch` for one of another dimension.
 */
export function checkPoints(batch: VectorBatch, layout: CollectionLayout): CheckedPoints {
  const suspects = Object.entries(batch.vectors).flatMap(([name, column]) => {
    const vector = vectorFor(name, column, batch.ids.length, layout);
    return vector === undefined || isPlainColumn(column, vector) ? [] : [{ column, vector }];
  });
  const points: PointToWrite[] = [];
  const failed: WriteFailure[] = [];
  batch.ids.forEach((id, row) => {
    const reason = suspects.length === 0 ? undefined : problemOf(suspects, row);
    if (reason !== undefined) {
      failed.push({ id, code: 'invalid-argument', reason });
      return;
    }
    const metadata = metadataBytes(batch.metadata, row);
    try {
      if (metadata !== undefined) checkJson(metadata);
      const pointId = pointIdOf(id);
      const isNative = pointId === id && metadata !== undefined && isNativePayload(metadata);
      points.push({ row, pointId, payload: isNative ? metadata : payloadOf(id, metadata) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      failed.push({ id, code: 'invalid-argument', reason: `The metadata is not JSON: ${why}` });
    }
  });
  return { points, failed };
}

function vectorFor(
  name: string,
  column: VectorColumn,
  rows: number,
  layout: CollectionLayout,
): VectorLayout | undefined {
  const vector = layout.byName.get(name);
  if (isAllMissing(column, rows)) return undefined;
  if (vector === undefined) {
    throw invalidArgument(
      `The collection has no vector '${name}'.`,
      `It has: ${[...layout.byName.keys()].join(', ') || 'none'}.`,
    );
  }
  if (vector.kind !== column.kind) {
    throw invalidArgument(`The vector '${name}' is ${vector.kind} in the collection and ${column.kind} in the batch.`);
  }
  if (column.kind !== 'sparse' && column.values.length > 0 && column.dimension !== vector.dimension) {
    throw dimensionMismatch(name, vector.dimension, column.dimension);
  }
  return vector;
}

function isAllMissing({ missing }: VectorColumn, rows: number): boolean {
  return missing !== undefined && !missing.subarray(0, rows).includes(0);
}

interface CheckedColumn {
  readonly column: VectorColumn;
  readonly vector: VectorLayout;
}

function problemOf(columns: readonly CheckedColumn[], row: number): string | undefined {
  for (const { column, vector } of columns) {
    const problem = vectorProblem(column, row, vector);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function vectorProblem(column: VectorColumn, row: number, vector: VectorLayout): string | undefined {
  if (!hasVector(column, row)) return undefined;
  const values = valuesOf(column, row);
  if (column.kind === 'multi' && values.length === 0)
    return `The vector '${vector.name}' is a list of no vectors, which Qdrant refuses.`;
  return faultOf(values, column, vector);
}

/**
 * Whether the numbers of all dense vectors together are finite, exact in the collection and not too long, in one look at
 * them. Where one is not, or nobody knows, the rows are looked at one by one.
 */
function isPlainColumn(column: VectorColumn, { elementType }: VectorLayout): boolean {
  return column.kind === 'dense' && elementType === 'float32' && sumOfSquares(column.values) <= LARGEST_FLOAT;
}

/** A NaN or an infinity makes it one; that of finite floats is far below the largest double. */
function sumOfSquares(values: Float32Array): number {
  // Four sums: one addition need not wait for the one before.
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const { length } = values;
  for (let at = 0; at < length; at += 4) {
    const a = values[at] ?? 0;
    const b = values[at + 1] ?? 0;
    const c = values[at + 2] ?? 0;
    const d = values[at + 3] ?? 0;
    first += a * a;
    second += b * b;
    third += c * c;
    fourth += d * d;
  }
  return first + second + third + fourth;
}

const LARGEST_FLOAT = 3.4028234663852886e38;

function faultOf(values: Float32Array, column: VectorColumn, vector: VectorLayout): string | undefined {
  const { name, elementType } = vector;
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) return `The vector '${name}' holds ${wrong}; Qdrant takes finite numbers.`;
  const rounded = values.find((value) => !isElement(value, vector));
  if (rounded !== undefined) {
    return `The vector '${name}' holds ${rounded}, which ${elementType}, the collection's element type, cannot hold exactly.`;
  }
  if (vector.normalized && column.kind !== 'sparse' && overflows(values, column.dimension)) {
    return `The vector '${name}' is too long to be normalised: Qdrant would store zeros.`;
  }
  return undefined;
}

function valuesOf(column: VectorColumn, row: number): Float32Array {
  if (column.kind === 'dense') return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
  const [start, end] = rowRange(column.offsets, row);
  const width = column.kind === 'multi' ? column.dimension : 1;
  return column.values.subarray(start * width, end * width);
}

// What is normalised is rounded in any case.
function isElement(value: number, { elementType, normalized }: VectorLayout): boolean {
  if (elementType === 'uint8') return Number.isInteger(value) && value >= 0 && value <= 255 && !Object.is(value, -0);
  return elementType !== 'float16' || normalized || Object.is(halfToFloat(floatToHalf(value)), value);
}

/** Whether the sum of squares of a row is beyond float32, in which Qdrant adds it up. */
function overflows(values: Float32Array, dimension: number): boolean {
  for (let start = 0; start < values.length; start += dimension) {
    let squares = 0;
    for (let at = start; at < start + dimension; at++) squares += (values[at] ?? 0) ** 2;
    if (!Number.isFinite(Math.fround(squares))) return true;
  }
  return false;
}

function checkJson(metadata: Uint8Array): void {
  if (!isUtf8(metadata)) throw invalidArgument('it is not UTF-8.');
  const first = metadata.find((byte) => byte > 0x20);
  // Objects are read member by member when they are split.
  if (first !== 0x7b) JSON.parse(Buffer.from(metadata).toString());
}
