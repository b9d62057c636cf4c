import { hasVector, rowRange, type VectorBatch, type VectorColumn } from '@vecport/abstractions';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '@vecport/wire';
import { DATA_TYPE } from './data-types.js';
import type { Layout, VectorField } from './layout.js';
import type { ServerInfo } from './server-kind.js';

const MAX_I64 = '9223372036854775807';

/** Why each of these rows cannot be kept as it is, by row. */
export type Refusals = Map<number, string>;

/** Find the points whose vectors or identifiers the server would change, lose or break on. */
export function refuseRows(layout: Layout, server: ServerInfo, batch: VectorBatch): Refusals {
  const refusals: Refusals = new Map();
  batch.ids.forEach((id, row) => {
    const reason = idProblem(layout, server, id);
    if (reason !== undefined) refusals.set(row, reason);
  });
  for (const field of layout.vectors) refuseVectors(field, batch, refusals);
  return refusals;
}

function idProblem({ key }: Layout, server: ServerInfo, id: string): string | undefined {
  if (key.type === 'int64') {
    const hidden = server.kind === 'milvus' && id === MAX_I64;
    return hidden ? 'Milvus never gives out the key 9223372036854775807 again.' : undefined;
  }
  if (server.kind === 'lite-2' && /['\r\n\0]/.test(id)) {
    return 'Milvus-lite 2 breaks on keys with a single quote, a line break or a NUL.';
  }
  return undefined;
}

function refuseVectors(field: VectorField, batch: VectorBatch, refusals: Refusals): void {
  const column = Object.hasOwn(batch.vectors, field.name) ? batch.vectors[field.name] : undefined;
  for (let row = 0; row < batch.ids.length; row++) {
    if (column === undefined || !hasVector(column, row)) {
      refusals.set(row, `There is no vector '${field.name}', and Milvus keeps no point without.`);
    }
  }
  if (column === undefined || column.kind === 'multi' || isPlain(field, column)) return;
  for (let row = 0; row < batch.ids.length; row++) {
    if (refusals.has(row)) continue;
    const reason = valuesProblem(field, valuesAt(column, row));
    if (reason !== undefined) refusals.set(row, reason);
  }
}

function isPlain({ type }: VectorField, column: VectorColumn): boolean {
  return type === DATA_TYPE.FloatVector && allFinite(column.values);
}

function valuesAt(column: Exclude<VectorColumn, { readonly kind: 'multi' }>, row: number): Float32Array {
  if (column.kind === 'dense') return column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
  const [start, end] = rowRange(column.offsets, row);
  return column.values.subarray(start, end);
}

function valuesProblem({ name, type }: VectorField, values: Float32Array): string | undefined {
  if (!allFinite(values)) return `The vector '${name}' holds a value that is not a finite number.`;
  if (type === DATA_TYPE.SparseFloatVector) {
    return values.length === 0 ? `The sparse vector '${name}' is empty, which Milvus does not keep.` : undefined;
  }
  const odd = values.find((value) => !isExact(type, value));
  return odd === undefined
    ? undefined
    : `The vector '${name}' holds ${odd}, which its element type cannot hold exactly.`;
}

function isExact(type: number, value: number): boolean {
  switch (type) {
    case DATA_TYPE.BinaryVector:
      return value === 0 || value === 1;
    case DATA_TYPE.Int8Vector:
      return Number.isInteger(value) && value >= -128 && value <= 127 && !Object.is(value, -0);
    case DATA_TYPE.Float16Vector:
      return Object.is(halfToFloat(floatToHalf(value)), value);
    case DATA_TYPE.BFloat16Vector:
      return Object.is(bfloatToFloat(floatToBfloat(value)), value);
    default:
      return true;
  }
}

// Zero times any finite number is zero; times an infinity or NaN it is NaN.
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) * 0;
  return sum === 0;
}
