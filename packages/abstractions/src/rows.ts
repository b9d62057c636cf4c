import type { JsonValue } from './lossless-json.js';
import { metadataText, metadataValue } from './metadata-column.js';
import type { VectorBatch } from './vector-batch.js';
import { DEFAULT_VECTOR, type VectorValue, vectorAt } from './vector-column.js';
import type { VectorId } from './vector-id.js';

/** One point as an object: a view into its batch, parsed on demand. */
export interface VectorRow {
  readonly id: VectorId;
  /**
   * The dense vector named `default`, or the only dense one there is, as a view into the batch (no
   * copy). `undefined` where the point has none.
   */
  readonly embedding: Float32Array | undefined;
  /** Parsed at each access; integers beyond 2^53 are `bigint`. */
  readonly metadata: JsonValue | undefined;
  /** The metadata as the provider sent it. */
  readonly metadataText: string | undefined;
  /** The vector of a name, of whatever kind; `undefined` where the point has none. */
  vector(name: string): VectorValue | undefined;
}

/**
 * The points of a batch one by one, in its order.
 * @example
 * for await (const batch of repository.exportAll()) {
 *   for (const { id, embedding, metadata } of rows(batch)) console.log(id, embedding?.length, metadata);
 * }
 */
export function* rows(batch: VectorBatch): Generator<VectorRow, void, undefined> {
  const main = mainVector(batch);
  for (let row = 0; row < batch.ids.length; row++) yield rowAt(batch, row, main);
}

/** Point `row` of a batch. */
export function rowAt(batch: VectorBatch, row: number, main: string | undefined = mainVector(batch)): VectorRow {
  const vector = (name: string): VectorValue | undefined => {
    const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
    return column === undefined ? undefined : vectorAt(column, row);
  };
  return {
    id: batch.ids[row] ?? '',
    get embedding() {
      return main === undefined ? undefined : (vector(main) as Float32Array | undefined);
    },
    get metadata() {
      return metadataValue(batch.metadata, row);
    },
    get metadataText() {
      return metadataText(batch.metadata, row);
    },
    vector,
  };
}

function mainVector(batch: VectorBatch): string | undefined {
  const dense = Object.keys(batch.vectors).filter((name) => batch.vectors[name]?.kind === 'dense');
  if (dense.includes(DEFAULT_VECTOR)) return DEFAULT_VECTOR;
  return dense.length === 1 ? dense[0] : undefined;
}
