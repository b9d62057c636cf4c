import {
  batchBytes,
  hasVector,
  type IVectorSearchRepository,
  metadataBytes,
  rowRange,
  type VectorBatch,
  type VectorColumn,
} from '@vecport/abstractions';
import { canonicalJson } from '@vecport/dataset';
import { retrying } from './backoff.js';
import type { ProgressListener } from './progress.js';
import { type FieldChoice, selectMetadata } from './select-metadata.js';

/** How far a number of a unit vector may be from that of the vector it was made from, divided by its length. */
export const UNIT_TOLERANCE = 1e-6;
/** Differences that are described; more are counted. */
const SHOWN = 10;

/** How points are compared one by one. */
export interface CompareByIdOptions {
  /** Vectors of which the other side keeps the direction only: compared within {@link UNIT_TOLERANCE}. */
  readonly normalized: ReadonlySet<string>;
  /** Points the other side refused: that they are missing there is no difference. */
  readonly refused?: ReadonlySet<string> | undefined;
  /** What of the other side's metadata is compared, where the points have but a choice of fields; all if not said. */
  readonly fields?: FieldChoice['fields'];
  readonly excludeFields?: FieldChoice['excludeFields'];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Points there are, for progress. */
  readonly total?: number | undefined;
}

/** What a comparison point by point found. */
export interface CompareByIdReport {
  readonly points: number;
  /** Those of them that are not there, as they were refused. */
  readonly refused: number;
  /** One sentence each; empty when all points are equal. */
  readonly differences: readonly string[];
}

/** Look up every point of a source in a repository and compare it: identifier, vectors, metadata. */
export async function compareById(
  source: AsyncIterable<VectorBatch>,
  repository: IVectorSearchRepository,
  options: CompareByIdOptions,
): Promise<CompareByIdReport> {
  const { signal, normalized, refused, fields, excludeFields } = options;
  const shown: string[] = [];
  let different = 0;
  let absent = 0;
  let points = 0;
  let bytes = 0;
  const note = (difference: string): void => {
    different++;
    if (shown.length < SHOWN) shown.push(difference);
  };
  for await (const batch of source) {
    signal?.throwIfAborted();
    const held = await retrying(async () => repository.get(batch.ids, { signal }), {}, signal);
    const found = selectMetadata(held, { fields, excludeFields });
    const rows = new Map(found.ids.map((id, row) => [id, row]));
    batch.ids.forEach((id, row) => {
      const other = rows.get(id);
      if (other === undefined && refused?.has(id) === true) {
        absent++;
        return;
      }
      const what = other === undefined ? 'is missing' : differenceOf(batch, row, found, other, normalized);
      if (what !== undefined) note(`The point '${id}' ${what}.`);
    });
    points += batch.ids.length;
    bytes += batchBytes(batch);
    options.onProgress?.({
      phase: 'verify',
      collection: repository.collection,
      done: points,
      total: options.total,
      bytes,
    });
  }
  const differences = different > shown.length ? [...shown, `${different - shown.length} more points differ.`] : shown;
  return { points, refused: absent, differences };
}

function differenceOf(
  left: VectorBatch,
  row: number,
  right: VectorBatch,
  other: number,
  normalized: ReadonlySet<string>,
): string | undefined {
  for (const name of new Set([...Object.keys(left.vectors), ...Object.keys(right.vectors)])) {
    const same = sameVector(left.vectors[name], row, right.vectors[name], other, normalized.has(name));
    if (!same) return `has another vector '${name}'`;
  }
  const texts = [metadataBytes(left.metadata, row), metadataBytes(right.metadata, other)] as const;
  return sameMetadata(...texts) ? undefined : 'has other metadata';
}

function sameMetadata(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return Buffer.compare(canonicalJson(left), canonicalJson(right)) === 0;
}

function sameVector(
  left: VectorColumn | undefined,
  row: number,
  right: VectorColumn | undefined,
  other: number,
  normalized: boolean,
): boolean {
  const [has, hasOther] = [isThere(left, row), isThere(right, other)];
  if (!has || !hasOther) return has === hasOther;
  if (left === undefined || right === undefined || left.kind !== right.kind) return false;
  if (left.kind === 'sparse' && right.kind === 'sparse') {
    const [own, its] = [rangeOf(left, row), rangeOf(right, other)];
    const same = sameNumbers(left.indices.subarray(...own), right.indices.subarray(...its), 0);
    return same && sameNumbers(left.values.subarray(...own), right.values.subarray(...its), 0);
  }
  const [own, its] = [left.values.subarray(...rangeOf(left, row)), right.values.subarray(...rangeOf(right, other))];
  if (!normalized || left.kind === 'sparse') return sameBits(own, its);
  return sameDirections(own, its, left.dimension);
}

function isThere(column: VectorColumn | undefined, row: number): boolean {
  return column !== undefined && hasVector(column, row);
}

/** Where the floats of a row are. */
function rangeOf(column: VectorColumn, row: number): readonly [start: number, end: number] {
  if (column.kind === 'dense') return [row * column.dimension, (row + 1) * column.dimension];
  const [start, end] = rowRange(column.offsets, row);
  return column.kind === 'sparse' ? [start, end] : [start * column.dimension, end * column.dimension];
}

function sameBits(left: Float32Array, right: Float32Array): boolean {
  return left.length === right.length && left.every((value, i) => Object.is(value, right[i]));
}

function sameNumbers(
  left: Float32Array | Uint32Array | Float64Array,
  right: Float32Array | Uint32Array,
  tolerance: number,
): boolean {
  return left.length === right.length && left.every((value, i) => Math.abs(value - (right[i] ?? 0)) <= tolerance);
}

/** Vectors side by side, each compared by its direction. A vector of zeros has none and stays as it is. */
function sameDirections(left: Float32Array, right: Float32Array, dimension: number): boolean {
  if (left.length !== right.length) return false;
  for (let start = 0; start < left.length; start += dimension) {
    const vector = Float64Array.from(left.subarray(start, start + dimension));
    const length = Math.hypot(...vector);
    const unit = length === 0 ? vector : vector.map((value) => value / length);
    if (!sameNumbers(unit, right.subarray(start, start + dimension), UNIT_TOLERANCE)) return false;
  }
  return true;
}
