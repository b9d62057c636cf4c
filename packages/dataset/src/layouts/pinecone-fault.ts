import { hasVector, isVecportError, parseJson, rowRange, type VectorBatch } from '@vecport/abstractions';
import type { PartSchema } from '../part-codec.js';

/** Characters of an id, bytes of metadata and entries of a sparse vector, as Pinecone publishes its limits. */
const MAX_ID = 512;
const MAX_METADATA_BYTES = 40_960;
const MAX_SPARSE_ENTRIES = 2048;

/**
 * Why Pinecone's import would not take a point, the end of a sentence: it wants an id and metadata within its limits, a
 * dense vector where the index has one, and metadata of texts, numbers, booleans and lists of texts.
 */
export function pineconeFault(
  batch: VectorBatch,
  vectors: PartSchema['vectors'],
  row: number,
  metadata: Uint8Array | undefined,
): string | undefined {
  const id = batch.ids[row] ?? '';
  if (id.length === 0 || id.length > MAX_ID) return `its id has ${id.length} characters of at most ${MAX_ID}`;
  return vectorFault(batch, vectors, row) ?? metadataFault(metadata);
}

function vectorFault(batch: VectorBatch, vectors: PartSchema['vectors'], row: number): string | undefined {
  for (const name of Object.keys(vectors)) {
    const column = Object.hasOwn(batch.vectors, name) ? batch.vectors[name] : undefined;
    if (column === undefined || !hasVector(column, row)) {
      if (vectors[name]?.kind === 'dense') return `it has no vector '${name}'`;
    } else if (column.kind === 'sparse') {
      const [start, end] = rowRange(column.offsets, row);
      if (end - start > MAX_SPARSE_ENTRIES)
        return `its sparse vector has ${end - start} entries of at most ${MAX_SPARSE_ENTRIES}`;
    }
  }
  return undefined;
}

function metadataFault(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length > MAX_METADATA_BYTES)
    return `its metadata has ${bytes.length} bytes of at most ${MAX_METADATA_BYTES}`;
  for (const [key, value] of membersOf(bytes)) {
    if (!isHeld(value)) return `its metadata field '${key}' is ${nameOf(value)}`;
  }
  return undefined;
}

/** None for what is not JSON, which is found where the record is hashed. */
function membersOf(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) ?? {});
  } catch (error) {
    if (isVecportError(error)) return [];
    throw error;
  }
}

function isHeld(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => typeof element === 'string');
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  return typeof value === 'string' || typeof value === 'boolean';
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list of other things than texts';
  return typeof value === 'object' ? 'an object' : 'a number beyond 2^53';
}
