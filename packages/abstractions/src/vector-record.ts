import { VecportError } from './errors.js';
import { stringifyJson } from './lossless-json.js';
import { metadataFromTexts } from './metadata-column.js';
import type { VectorBatch } from './vector-batch.js';
import {
  DEFAULT_VECTOR,
  type MissingRows,
  type SparseVector,
  type VectorColumn,
  type VectorKind,
  type VectorValue,
} from './vector-column.js';
import type { VectorId } from './vector-id.js';

/** One point as applications write it. For many points a {@link VectorBatch} is far cheaper. */
export interface VectorRecord {
  readonly id: VectorId;
  /** The vector named `default`; the same as `vectors: { default: … }`. */
  readonly embedding?: Float32Array | undefined;
  /** Vectors by name, of any kind. */
  readonly vectors?: Readonly<Record<string, VectorValue>> | undefined;
  /** Any JSON value, `bigint` allowed. */
  readonly metadata?: unknown;
  /** Metadata as JSON text, taken as it is; wins over `metadata`. */
  readonly metadataText?: string | undefined;
}

/**
 * Columns from records. A vector that only some records have becomes a column with missing rows.
 * @throws VecportError `invalid-argument` when one name stands for two kinds of vector,
 * `dimension-mismatch` when dense vectors of one name differ in length.
 */
export function batchFromRecords(records: Iterable<VectorRecord>): VectorBatch {
  const list = [...records];
  const values = list.map((record) => vectorsOf(record));
  const names = new Set(values.flatMap((vectors) => Object.keys(vectors)));
  return {
    ids: list.map((record) => record.id),
    vectors: Object.fromEntries(
      [...names].map((name) => [
        name,
        columnFromValues(
          name,
          values.map((vectors) => (Object.hasOwn(vectors, name) ? vectors[name] : undefined)),
        ),
      ]),
    ),
    metadata: metadataFromTexts(list.map((record) => metadataOf(record))),
  };
}

/** A column from one value a row; `undefined` is a missing row. `name` is for messages only. */
export function columnFromValues(name: string, values: readonly (VectorValue | undefined)[]): VectorColumn {
  const present = values.filter((value) => value !== undefined);
  const kind = present[0] === undefined ? 'dense' : kindOf(present[0]);
  if (present.some((value) => kindOf(value) !== kind)) {
    throw new VecportError(
      'invalid-argument',
      `The vector '${name}' is ${kind} in one record and another kind in the next.`,
    );
  }
  const missing =
    present.length === values.length ? undefined : Uint8Array.from(values, (value) => (value === undefined ? 1 : 0));
  if (kind === 'sparse') return sparseColumn(values as (SparseVector | undefined)[], missing);
  if (kind === 'multi') return multiColumn(name, values as (readonly Float32Array[] | undefined)[], missing);
  return denseColumn(name, values as (Float32Array | undefined)[], missing);
}

function vectorsOf(record: VectorRecord): Readonly<Record<string, VectorValue>> {
  if (record.embedding === undefined) return record.vectors ?? {};
  return { [DEFAULT_VECTOR]: record.embedding, ...record.vectors };
}

function metadataOf(record: VectorRecord): string | undefined {
  if (record.metadataText !== undefined) return record.metadataText;
  return record.metadata === undefined ? undefined : stringifyJson(record.metadata);
}

function kindOf(value: VectorValue): VectorKind {
  if (value instanceof Float32Array) return 'dense';
  return Array.isArray(value) ? 'multi' : 'sparse';
}

function denseColumn(
  name: string,
  values: readonly (Float32Array | undefined)[],
  missing: MissingRows | undefined,
): VectorColumn {
  const dimension = commonDimension(name, values);
  const floats = new Float32Array(values.length * dimension);
  values.forEach((value, row) => {
    if (value !== undefined) floats.set(value, row * dimension);
  });
  return { kind: 'dense', dimension, values: floats, missing };
}

function sparseColumn(values: readonly (SparseVector | undefined)[], missing: MissingRows | undefined): VectorColumn {
  const offsets = offsetsOf(values, (value) => value.values.length);
  const entries = offsets[values.length] ?? 0;
  const indices = new Uint32Array(entries);
  const floats = new Float32Array(entries);
  values.forEach((value, row) => {
    if (value === undefined) return;
    indices.set(value.indices, offsets[row]);
    floats.set(value.values, offsets[row]);
  });
  return { kind: 'sparse', offsets, indices, values: floats, missing };
}

function multiColumn(
  name: string,
  values: readonly (readonly Float32Array[] | undefined)[],
  missing: MissingRows | undefined,
): VectorColumn {
  const flat = values.flatMap((value) => value ?? []);
  const dimension = commonDimension(name, flat);
  const floats = new Float32Array(flat.length * dimension);
  flat.forEach((value, index) => {
    floats.set(value, index * dimension);
  });
  return { kind: 'multi', dimension, offsets: offsetsOf(values, (value) => value.length), values: floats, missing };
}

function commonDimension(name: string, values: readonly (Float32Array | undefined)[]): number {
  const lengths = new Set(values.filter((value) => value !== undefined).map((value) => value.length));
  if (lengths.size > 1) {
    throw new VecportError(
      'dimension-mismatch',
      `The vector '${name}' has ${[...lengths].join(' and ')} dimensions in one batch.`,
    );
  }
  return [...lengths][0] ?? 0;
}

function offsetsOf<T>(values: readonly (T | undefined)[], size: (value: T) => number): Uint32Array {
  const offsets = new Uint32Array(values.length + 1);
  values.forEach((value, row) => {
    offsets[row + 1] = (offsets[row] ?? 0) + (value === undefined ? 0 : size(value));
  });
  return offsets;
}
