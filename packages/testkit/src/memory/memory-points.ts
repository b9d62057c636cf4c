import {
  type CollectionDescription,
  columnFromValues,
  metadataFromTexts,
  metadataText,
  VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
  type VectorSpec,
  type VectorValue,
  vectorAt,
} from '@vecport/abstractions';

/** A stored point; never changed once stored. */
export interface MemoryPoint {
  readonly id: VectorId;
  readonly vectors: Readonly<Record<string, VectorValue>>;
  readonly metadataText: string | undefined;
}

/** The points of a collection at one moment; never changed, replaced by a write. */
export type MemoryPoints = ReadonlyMap<VectorId, MemoryPoint>;

/**
 * Point `row` of a batch, copied.
 * @throws VecportError `invalid-argument` for a vector the collection does not have,
 * `dimension-mismatch` for one of another dimension.
 */
export function pointFromBatch(batch: VectorBatch, row: number, description: CollectionDescription): MemoryPoint {
  const vectors: Record<string, VectorValue> = {};
  for (const [name, column] of Object.entries(batch.vectors)) {
    const value = vectorAt(column, row);
    if (value === undefined) continue;
    checkVector(name, column, description);
    vectors[name] = copyVector(value);
  }
  return { id: batch.ids[row] ?? '', vectors, metadataText: metadataText(batch.metadata, row) };
}

/** Points as a batch with a column for every vector of the collection. */
export function batchOfPoints(points: readonly MemoryPoint[], description: CollectionDescription): VectorBatch {
  return {
    ids: points.map((point) => point.id),
    vectors: Object.fromEntries(
      Object.entries(description.vectors).map(([name, spec]) => {
        const values = points.map((point) => point.vectors[name]);
        return [
          name,
          values.every((value) => value === undefined)
            ? missingColumn(spec, points.length)
            : columnFromValues(name, values),
        ];
      }),
    ),
    metadata: metadataFromTexts(points.map((point) => point.metadataText)),
  };
}

function copyVector(value: VectorValue): VectorValue {
  if (value instanceof Float32Array) return value.slice();
  if ('indices' in value) return { indices: value.indices.slice(), values: value.values.slice() };
  return value.map((vector) => vector.slice());
}

function missingColumn({ kind, dimension = 0 }: VectorSpec, rows: number): VectorColumn {
  const missing = new Uint8Array(rows).fill(1);
  const offsets = new Uint32Array(rows + 1);
  if (kind === 'dense') return { kind, dimension, values: new Float32Array(rows * dimension), missing };
  if (kind === 'multi') return { kind, dimension, offsets, values: new Float32Array(0), missing };
  return { kind, offsets, indices: new Uint32Array(0), values: new Float32Array(0), missing };
}

function checkVector(name: string, column: VectorColumn, { vectors }: CollectionDescription): void {
  const spec = Object.hasOwn(vectors, name) ? vectors[name] : undefined;
  if (spec === undefined || spec.kind !== column.kind) {
    throw new VecportError('invalid-argument', `The collection has no ${column.kind} vector '${name}'.`);
  }
  if (column.kind !== 'sparse' && column.dimension !== spec.dimension) {
    throw new VecportError(
      'dimension-mismatch',
      `The vector '${name}' has ${column.dimension} dimensions instead of ${spec.dimension}.`,
    );
  }
}
