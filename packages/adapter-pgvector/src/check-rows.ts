import { isUtf8 } from 'node:buffer';
import { metadataBytes, selectRows, type VectorBatch, vectorAt, type WriteFailure } from '@vecport/abstractions';
import { splitId } from './key.js';
import type { TableLayout } from './layout.js';
import { isStorableText } from './sql.js';
import { vectorProblem } from './write-vector.js';

/** A batch without the points the table cannot keep as they are, and why each of those was left out. */
export interface CheckedBatch {
  readonly batch: VectorBatch;
  readonly failed: readonly WriteFailure[];
}

/** Take out what the server would refuse, so that one point does not stop the others, and what it would alter. */
export function checkRows(layout: TableLayout, batch: VectorBatch): CheckedBatch {
  const reasons = batch.ids.map((id, row) => idProblem(layout, id) ?? rowProblem(layout, batch, row));
  if (reasons.every((reason) => reason === undefined)) return { batch, failed: [] };
  const kept = batch.ids.map((_, row) => row).filter((row) => reasons[row] === undefined);
  return {
    batch: selectRows(batch, kept),
    failed: reasons.flatMap((reason, row) =>
      reason === undefined ? [] : [{ id: batch.ids[row] ?? '', code: 'invalid-argument' as const, reason }],
    ),
  };
}

function idProblem({ key }: TableLayout, id: string): string | undefined {
  if (!isStorableText(id))
    return 'PostgreSQL cannot hold the identifier: it has a NUL character or half a surrogate pair.';
  if (splitId(key, id) !== undefined) return undefined;
  const types = key.map(({ name, type }) => `${name} ${type}`).join(', ');
  return `The identifier is not one the key of the table (${types}) can have.`;
}

function rowProblem(layout: TableLayout, batch: VectorBatch, row: number): string | undefined {
  for (const vector of layout.vectors) {
    const column = batch.vectors[vector.name];
    const value = column === undefined ? undefined : vectorAt(column, row);
    const problem = value === undefined ? undefined : vectorProblem(vector, value);
    if (problem !== undefined) return problem;
  }
  const metadata = metadataBytes(batch.metadata, row);
  return metadata === undefined || isUtf8(metadata) ? undefined : 'The metadata is not UTF-8 text.';
}
