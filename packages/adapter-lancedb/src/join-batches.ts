import {
  type MetadataColumn,
  type MissingRows,
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
  const all = joinBatches(layout, batches);
  const rowOf = new Map(all.ids.map((id, row) => [id, row]));
  return selectRows(
    all,
    wanted.flatMap((id) => rowOf.get(id) ?? []),
  );
}

function joinBatches({ vectors }: TableLayout, batches: readonly VectorBatch[]): VectorBatch {
  return {
    ids: batches.flatMap(({ ids }) => ids),
    vectors: Object.fromEntries(vectors.map((vector) => [vector.name, joinVectors(vector, batches)])),
    metadata: joinMetadata(batches.map(({ metadata }) => metadata)),
  };
}

function joinVectors({ name, kind, dimension }: VectorLayout, batches: readonly VectorBatch[]): VectorColumn {
  const columns = batches.flatMap(({ vectors }) => vectors[name] ?? []);
  const values = joinFloats(columns.map((column) => column.values));
  const missing = joinMissing(
    columns.map((column) => column.missing),
    batches.map(({ ids }) => ids.length),
  );
  if (kind === 'dense') return { kind, dimension, values, missing };
  const offsets = joinOffsets(columns.map((column) => (column.kind === 'dense' ? new Uint32Array(1) : column.offsets)));
  return { kind, dimension, offsets, values, missing };
}

function joinMetadata(columns: readonly MetadataColumn[]): MetadataColumn {
  return {
    bytes: Buffer.concat(columns.map(({ bytes }) => bytes)),
    offsets: joinOffsets(columns.map(({ offsets }) => offsets)),
    missing: joinMissing(
      columns.map(({ missing }) => missing),
      columns.map(({ offsets }) => offsets.length - 1),
    ),
  };
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// The offsets of a batch read from LanceDB begin at zero.
function joinOffsets(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, part) => sum + part.length - 1, 1));
  let row = 0;
  for (const part of parts) {
    const base = joined[row] ?? 0;
    for (const end of part.subarray(1)) joined[++row] = base + end;
  }
  return joined;
}

function joinMissing(parts: readonly (MissingRows | undefined)[], rows: readonly number[]): MissingRows | undefined {
  if (parts.every((part) => part === undefined)) return undefined;
  return Buffer.concat(rows.map((count, at) => parts[at] ?? new Uint8Array(count)));
}
