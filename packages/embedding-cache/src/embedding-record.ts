import { crc32 } from 'node:zlib';
import { VecportError } from '@vecport/abstractions';
import { FLOAT_BYTES } from './cache-checks.js';

/** Bytes before the numbers: the CRC-32 of the key and the numbers. */
const HEAD_BYTES = 4;

/** A model as it is stored. */
export interface ModelRecord {
  /** Stands for the model in the keys of its embeddings. */
  readonly number: number;
  readonly dimension: number;
  readonly entries: number;
}

/** The key of an embedding: the model's number, four bytes, then the 32 bytes of the hash. */
export function recordKey(model: number, contentHash: string): Buffer {
  return Buffer.concat([modelPrefix(model), Buffer.from(contentHash, 'hex')]);
}

/** What the keys of a model's embeddings start with; those of the next number come after them all. */
export function modelPrefix(model: number): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(model);
  return prefix;
}

/**
 * An embedding as it is stored: CRC-32, then the numbers as they are in memory. LMDB files are bound
 * to the byte order of the machine anyway.
 */
export function encodeEmbedding(key: Buffer, embedding: Float32Array): Buffer {
  const numbers = Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  const record = Buffer.allocUnsafe(HEAD_BYTES + numbers.length);
  record.writeUInt32LE(crc32(numbers, crc32(key)));
  record.set(numbers, HEAD_BYTES);
  return record;
}

/**
 * Reverse of {@link encodeEmbedding}, into new memory. Bytes are copied, never read as numbers, which
 * might change the payload of a NaN.
 * @throws VecportError `corrupt-data`
 */
export function decodeEmbedding(key: Buffer, record: Uint8Array, dimension: number): Float32Array {
  const embedding = new Float32Array(dimension);
  const numbers = record.subarray(HEAD_BYTES);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const whole = record.byteLength === HEAD_BYTES + dimension * FLOAT_BYTES;
  if (!whole || view.getUint32(0, true) !== crc32(numbers, crc32(key))) {
    const hash = key.subarray(4).toString('hex');
    throw new VecportError('corrupt-data', `The stored embedding ${hash} does not match its checksum.`, {
      advice: "Store it again, or clear the model's entries.",
    });
  }
  new Uint8Array(embedding.buffer).set(numbers);
  return embedding;
}

/** A model record as it is stored: JSON. */
export function encodeModel(model: ModelRecord): Buffer {
  return Buffer.from(JSON.stringify(model));
}

/** @throws VecportError `corrupt-data` */
export function decodeModel(modelId: string, record: Uint8Array): ModelRecord {
  const model = parseModel(Buffer.from(record).toString());
  if (model !== undefined) return model;
  throw new VecportError('corrupt-data', `The record of the model ${JSON.stringify(modelId)} is damaged.`, {
    advice: 'Remove the folder of the cache and fill it again.',
  });
}

function parseModel(text: string): ModelRecord | undefined {
  try {
    const { number, dimension, entries } = JSON.parse(text) as Partial<Record<keyof ModelRecord, unknown>>;
    if (typeof number !== 'number' || typeof dimension !== 'number' || typeof entries !== 'number') return undefined;
    return [number, dimension, entries].every((value) => Number.isSafeInteger(value) && value >= 0)
      ? { number, dimension, entries }
      : undefined;
  } catch {
    return undefined;
  }
}
