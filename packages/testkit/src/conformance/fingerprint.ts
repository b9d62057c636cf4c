import {
  batchFromRecords,
  hasVector,
  type JsonValue,
  metadataText,
  type VectorBatch,
  type VectorColumn,
  type VectorRecord,
  type VectorValue,
  vectorAt,
} from '@vecport/abstractions';
import { canonicalText } from './canonical-text.js';

/**
 * A text that is equal for equal points only: id, every vector bit for bit, and the value of the
 * metadata (keys sorted, numbers as they are spelled).
 */
export function fingerprint(batch: VectorBatch, row: number): string {
  const vectors = Object.entries(batch.vectors)
    .filter(([, column]) => hasVector(column, row))
    .map(([name, column]) => `${name}=${vectorBits(column, row)}`)
    .toSorted();
  return [JSON.stringify(batch.ids[row]), ...vectors, canonicalMetadata(metadataText(batch.metadata, row))].join(' ');
}

/** The fingerprints of a batch, in its order. */
export function fingerprints(batch: VectorBatch): string[] {
  return batch.ids.map((_, row) => fingerprint(batch, row));
}

/** The fingerprints records have once they are stored, in their order. */
export function recordFingerprints(records: readonly VectorRecord[]): string[] {
  return fingerprints(batchFromRecords(records));
}

/** See {@link canonicalText}; `(none)` for no metadata. */
export function canonicalMetadata(text: string | undefined): string {
  return text === undefined ? '(none)' : canonicalText(text);
}

/** The same value with the keys of every object in order. */
export function sortKeys(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const entries = Object.entries(value as { readonly [key: string]: JsonValue }).toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

function vectorBits(column: VectorColumn, row: number): string {
  const value = vectorAt(column, row) as VectorValue;
  if (value instanceof Float32Array) return floatBits(value);
  if ('indices' in value) return `${value.indices.join(',')}:${floatBits(value.values)}`;
  return value.map(floatBits).join('/');
}

/** Floats as the hexadecimal text of their bits. */
export function floatBits(floats: Float32Array): string {
  return Buffer.from(floats.slice().buffer).toString('hex');
}
