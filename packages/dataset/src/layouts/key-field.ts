import { isVecportError, metadataBytes, type VectorBatch, type VectorId } from '@vecport/abstractions';
import { jsonMembers } from '@vecport/wire';

/** The keys of a batch's points, and why some have none. */
export interface BatchKeys {
  /** By row; the id where a point has no key. */
  readonly keys: readonly VectorId[];
  /** By row, a sentence. */
  readonly faults: ReadonlyMap<number, string>;
}

/**
 * What points are named by where a metadata field is their key: a text as it is, a whole number with all its digits. A
 * point without the field, or with another value in it, has no key.
 */
export function keysOf(batch: VectorBatch, field: string): BatchKeys {
  const faults = new Map<number, string>();
  const keys = batch.ids.map((id, row) => {
    const key = keyOf(metadataBytes(batch.metadata, row), field);
    if (key !== undefined && key !== '') return key;
    faults.set(row, `The point has no text or whole number in the field '${field}', which is to be its key.`);
    return id;
  });
  return { keys, faults };
}

const WHOLE = /^-?\d+$/;

function keyOf(metadata: Uint8Array | undefined, field: string): VectorId | undefined {
  const value = metadata && memberOf(metadata, field);
  if (value === undefined) return undefined;
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return WHOLE.test(text) ? text : undefined;
}

/** `undefined` too for what is not a JSON object. */
function memberOf(metadata: Uint8Array, field: string): Uint8Array | undefined {
  try {
    return jsonMembers(metadata).findLast(({ key }) => key === field)?.value;
  } catch (error) {
    if (isVecportError(error)) return undefined;
    throw error;
  }
}
