import { isUtf8 } from 'node:buffer';
import {
  type JsonValue,
  metadataBytes,
  metadataValue,
  selectRows,
  type VectorBatch,
  type VectorColumn,
  type WriteFailure,
} from '@vecport/abstractions';
import type { TableLayout } from './layout.js';

/** A batch without the points LanceDB cannot keep as they are, and why each of those was left out. */
export interface CheckedBatch {
  readonly batch: VectorBatch;
  readonly failed: readonly WriteFailure[];
  /** Parsed metadata of the rows that are left; empty where the table has no typed columns. */
  readonly metadata: readonly (JsonValue | undefined)[];
}

/**
 * Take out what would be stored as something else or break the write of all others: vectors with NaN
 * or infinities, identifiers and metadata that are not Unicode text, and, where fields are looked
 * at, metadata that is not JSON. Zero vectors are kept.
 */
export function checkRows(layout: TableLayout, batch: VectorBatch): CheckedBatch {
  const reasons = new Map<number, string>();
  for (const [name, column] of Object.entries(batch.vectors)) markNonFinite(name, column, batch.ids.length, reasons);
  batch.ids.forEach((id, row) => {
    if (!id.isWellFormed()) reasons.set(row, 'The identifier is not Unicode text: it holds half a surrogate pair.');
  });
  if (!isUtf8(batch.metadata.bytes)) markNonText(batch, reasons);
  const parsed = layout.typed.length > 0 ? parseRows(batch, reasons) : [];
  if (reasons.size === 0) return { batch, failed: [], metadata: parsed };
  const kept = batch.ids.map((_, row) => row).filter((row) => !reasons.has(row));
  return {
    batch: selectRows(batch, kept),
    failed: [...reasons].map(([row, reason]) => ({ id: batch.ids[row] ?? '', code: 'invalid-argument', reason })),
    metadata: parsed.filter((_, row) => !reasons.has(row)),
  };
}

function markNonFinite(name: string, column: VectorColumn, rows: number, reasons: Map<number, string>): void {
  if (column.kind === 'sparse' || allFinite(column.values)) return;
  const { dimension, values } = column;
  for (let row = 0; row < rows; row++) {
    const [start, end] =
      column.kind === 'dense' ? [row, row + 1] : [column.offsets[row] ?? 0, column.offsets[row + 1] ?? 0];
    if (column.missing?.[row] === 1 || allFinite(values.subarray(start * dimension, end * dimension))) continue;
    reasons.set(row, `The vector '${name}' holds a value that is not a finite number.`);
  }
}

// Zero times any finite number is zero; times an infinity or NaN it is NaN.
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] ?? 0) * 0;
  return sum === 0;
}

function markNonText({ ids, metadata }: VectorBatch, reasons: Map<number, string>): void {
  ids.forEach((_, row) => {
    const bytes = metadataBytes(metadata, row);
    if (bytes !== undefined && !isUtf8(bytes)) reasons.set(row, 'The metadata is not UTF-8 text.');
  });
}

function parseRows({ ids, metadata }: VectorBatch, reasons: Map<number, string>): (JsonValue | undefined)[] {
  return ids.map((_, row) => {
    if (reasons.has(row)) return undefined;
    try {
      return metadataValue(metadata, row);
    } catch (error) {
      reasons.set(row, `The metadata is not JSON: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  });
}
