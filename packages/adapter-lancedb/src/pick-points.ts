import {
  emptyMetadata,
  joinBatches,
  selectRows,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
} from '@vecport/abstractions';
import type { TableLayout, VectorLayout } from './layout.js';

/** The points of these batches of one table that are wanted, each once and in the order wanted. */
export function pickPoints(
  layout: TableLayout,
  batches: readonly VectorBatch[],
  wanted: readonly VectorId[],
): VectorBatch {
  const all = batches.length === 0 ? noPoints(layout) : joinBatches(batches);
  const rowOf = new Map(all.ids.map((id, row) => [id, row]));
  return selectRows(
    all,
    wanted.flatMap((id) => rowOf.get(id) ?? []),
  );
}

function noPoints({ vectors }: TableLayout): VectorBatch {
  return {
    ids: [],
    vectors: Object.fromEntries(vectors.map((vector) => [vector.name, noVectors(vector)])),
    metadata: emptyMetadata(0),
  };
}

function noVectors({ kind, dimension }: VectorLayout): VectorColumn {
  const values = new Float32Array(0);
  return kind === 'dense' ? { kind, dimension, values } : { kind, dimension, offsets: new Uint32Array(1), values };
}
