import type { MissingRows, VectorBatch } from '@vecport/abstractions';
import type { PageLayout } from './page-layout.js';

/** Decides, row by row, where row groups end, so that it does not matter how rows come in batches. */
export interface RowGroupCut {
  /** How many rows from `start` on still belong to the row group; after fewer rows than asked for the group is full. */
  take(batch: VectorBatch, start: number): number;
  /** Whether the row group is full. */
  isFull(): boolean;
  /** Begin the next row group. */
  reset(): void;
}

/** See {@link PageLayout} for the rule. */
export function rowGroupCut(layout: PageLayout): RowGroupCut {
  let rows = 0;
  let bytes = 0;
  const isFull = (): boolean => rows >= layout.rowGroupRows || bytes >= layout.rowGroupBytes;
  return {
    isFull,
    take: (batch, start) => {
      const columns = variableColumns(batch);
      let row = start;
      while (row < batch.ids.length && !isFull()) {
        bytes += batch.ids[row]?.length ?? 0;
        for (const column of columns) bytes += bytesOfRow(column, row);
        rows++;
        row++;
      }
      return row - start;
    },
    reset: () => {
      rows = 0;
      bytes = 0;
    },
  };
}

interface VariableColumn {
  readonly offsets: Uint32Array;
  readonly missing?: MissingRows | undefined;
  /** Bytes of one element. */
  readonly width: number;
}

function variableColumns(batch: VectorBatch): readonly VariableColumn[] {
  const vectors = Object.values(batch.vectors).flatMap((column) => {
    if (column.kind === 'dense') return [];
    const { offsets, missing } = column;
    return [{ offsets, missing, width: column.kind === 'sparse' ? 8 : column.dimension * 4 }];
  });
  const { offsets, missing } = batch.metadata;
  return [{ offsets, missing, width: 1 }, ...vectors];
}

function bytesOfRow({ offsets, missing, width }: VariableColumn, row: number): number {
  if (missing !== undefined && missing[row] !== 0) return 0;
  return ((offsets[row + 1] ?? 0) - (offsets[row] ?? 0)) * width;
}
