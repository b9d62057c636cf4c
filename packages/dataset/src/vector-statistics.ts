import { hasVector, rowRange, type VectorBatch, type VectorColumn, type VectorKind } from '@vecport/abstractions';

/** What the vectors of one name look like. Each of the vectors a multi vector consists of counts by itself. */
export interface VectorStatistics {
  readonly kind: VectorKind;
  /** Points without this vector. */
  readonly missing: number;
  /** Vectors that were measured. */
  readonly vectors: number;
  /** Those whose numbers are all zero, sparse ones without entries among them. */
  readonly zero: number;
  /** Those with a NaN or an infinity; they have no norm. */
  readonly notFinite: number;
  /** Euclidean norms; absent where no vector has one. */
  readonly norm?: { readonly min: number; readonly max: number; readonly mean: number } | undefined;
}

/** Statistics being gathered. */
export interface VectorStatisticsCollector {
  add(batch: VectorBatch): void;
  /** Of all batches so far, by vector name. */
  value(): Readonly<Record<string, VectorStatistics>>;
}

/** An empty {@link VectorStatisticsCollector}. Memory does not grow with the number of points. */
export function createVectorStatistics(): VectorStatisticsCollector {
  const tallies = new Map<string, Tally>();
  let rows = 0;
  return {
    add(batch) {
      rows += batch.ids.length;
      for (const [name, column] of Object.entries(batch.vectors)) {
        const tally = tallies.get(name) ?? emptyTally(column.kind);
        tallies.set(name, tally);
        for (let row = 0; row < batch.ids.length; row++) measureRow(tally, column, row);
      }
    },
    value: () => Object.fromEntries(Array.from(tallies, ([name, tally]) => [name, statisticsOf(tally, rows)])),
  };
}

interface Tally {
  readonly kind: VectorKind;
  present: number;
  vectors: number;
  zero: number;
  notFinite: number;
  min: number;
  max: number;
  sum: number;
}

function emptyTally(kind: VectorKind): Tally {
  return { kind, present: 0, vectors: 0, zero: 0, notFinite: 0, min: Infinity, max: 0, sum: 0 };
}

function measureRow(tally: Tally, column: VectorColumn, row: number): void {
  if (!hasVector(column, row)) return;
  tally.present++;
  if (column.kind === 'dense') {
    measure(tally, column.values, row * column.dimension, (row + 1) * column.dimension);
    return;
  }
  const [start, end] = rowRange(column.offsets, row);
  if (column.kind === 'sparse') {
    measure(tally, column.values, start, end);
    return;
  }
  for (let i = start; i < end; i++) measure(tally, column.values, i * column.dimension, (i + 1) * column.dimension);
}

function measure(tally: Tally, values: Float32Array, start: number, end: number): void {
  let squares = 0;
  for (let i = start; i < end; i++) {
    const value = values[i] as number;
    squares += value * value;
  }
  tally.vectors++;
  if (squares === 0) tally.zero++;
  // The square of the largest float32 is far below the largest double: only NaN and infinities end here.
  if (!Number.isFinite(squares)) {
    tally.notFinite++;
    return;
  }
  const norm = Math.sqrt(squares);
  tally.min = Math.min(tally.min, norm);
  tally.max = Math.max(tally.max, norm);
  tally.sum += norm;
}

function statisticsOf(tally: Tally, rows: number): VectorStatistics {
  const { kind, present, vectors, zero, notFinite, min, max, sum } = tally;
  const measured = vectors - notFinite;
  const norm = measured === 0 ? undefined : { min, max, mean: sum / measured };
  return { kind, missing: rows - present, vectors, zero, notFinite, norm };
}
