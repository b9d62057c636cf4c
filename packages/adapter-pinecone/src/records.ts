import {
  type DenseColumn,
  hasVector,
  isVecportError,
  metadataBytes,
  rowRange,
  type SparseColumn,
  VecportError,
  type VectorBatch,
  type VectorColumn,
  type VectorId,
  type WriteFailure,
} from '@vecport/abstractions';
import { floatsText } from '@vecport/wire';
import { PROVIDER } from './config.js';
import type { IndexInfo } from './index-info.js';
import { storeMetadata } from './store-metadata.js';
import { storedId } from './stored-id.js';

/** A point as JSON text of a record. */
export interface StoredRecord {
  /** The point's own id. */
  readonly id: VectorId;
  readonly json: string;
  readonly bytes: number;
}

/** Entries a sparse vector may have. */
const MAX_SPARSE_ENTRIES = 2048;
/** Pinecone takes a vector of which no value is larger for one of zeros. */
const LEAST_MAGNITUDE = 1e-8;

/** The records of a batch, and what of it Pinecone would not take. */
export function recordsOf(
  batch: VectorBatch,
  info: IndexInfo,
): { readonly records: readonly StoredRecord[]; readonly failed: readonly WriteFailure[] } {
  const records: StoredRecord[] = [];
  const failed: WriteFailure[] = [];
  batch.ids.forEach((id, row) => {
    try {
      const json = recordOf(batch, row, info);
      records.push({ id, json, bytes: Buffer.byteLength(json) });
    } catch (error) {
      failed.push(failureOf(id, error));
    }
  });
  return { records, failed };
}

function recordOf(batch: VectorBatch, row: number, { dense, sparse }: IndexInfo): string {
  const id = batch.ids[row] ?? '';
  const stored = storedId(id);
  const parts = [`"id":${JSON.stringify(stored)}`];
  if (dense) parts.push(`"values":[${denseText(dense.name, batch.vectors[dense.name], row)}]`);
  if (sparse !== undefined) {
    const text = sparseText(sparse, batch.vectors[sparse], row);
    if (text !== undefined) parts.push(`"sparseValues":${text}`);
    else if (!dense) throw refused(`A point of this index needs its vector '${sparse}'.`);
  }
  const metadata = storeMetadata(metadataBytes(batch.metadata, row), stored === id ? undefined : id);
  if (metadata !== undefined) parts.push(`"metadata":${metadata}`);
  return `{${parts.join(',')}}`;
}

function denseText(name: string, column: VectorColumn | undefined, row: number): string {
  if (column === undefined || !hasVector(column, row))
    throw refused(`A point of this index needs its vector '${name}'.`);
  const { dimension, values } = column as DenseColumn;
  const vector = values.subarray(row * dimension, (row + 1) * dimension);
  const text = numbersText(vector, name);
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest < LEAST_MAGNITUDE)
    throw refused(`The vector '${name}' is zero, or no value of it reaches 1e-8 in size, which Pinecone refuses.`);
  return text;
}

function sparseText(name: string, column: VectorColumn | undefined, row: number): string | undefined {
  if (column === undefined || !hasVector(column, row)) return undefined;
  const { indices, values, offsets } = column as SparseColumn;
  const [start, end] = rowRange(offsets, row);
  if (start === end) throw refused(`The sparse vector '${name}' is empty, which Pinecone refuses.`);
  if (end - start > MAX_SPARSE_ENTRIES) {
    throw refused(`The sparse vector '${name}' has ${end - start} entries; Pinecone takes ${MAX_SPARSE_ENTRIES}.`);
  }
  const text = numbersText(values.subarray(start, end), name);
  return `{"indices":[${indices.subarray(start, end).join(',')}],"values":[${text}]}`;
}

function numbersText(values: Float32Array, name: string): string {
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw refused(`The vector '${name}' holds ${wrong}, which JSON has no place for.`);
  return floatsText(values);
}

function refused(reason: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER });
}

function failureOf(id: VectorId, error: unknown): WriteFailure {
  if (isVecportError(error) && error.code !== 'corrupt-data') return { id, code: error.code, reason: error.reason };
  return {
    id,
    code: 'invalid-argument',
    reason: `The metadata is not JSON: ${error instanceof Error ? error.message : String(error)}`,
  };
}
