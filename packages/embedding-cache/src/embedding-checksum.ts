import { endianness } from 'node:os';
import type { SQLOutputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { VecportError } from '@vecport/abstractions';
import { FLOAT_BYTES } from './cache-checks.js';
import type { EmbeddingKey } from './embedding-cache.js';

/** What is stored of an embedding. */
export interface SealedEmbedding {
  /** The numbers as they are in memory. */
  readonly numbers: Uint8Array;
  /** CRC-32 of the key and the numbers. */
  readonly checksum: number;
}

/** What is stored for an embedding; `numbers` is a view of the embedding's own memory. */
export function sealEmbedding(key: EmbeddingKey, embedding: Float32Array): SealedEmbedding {
  const numbers = new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  return { numbers, checksum: computeChecksum(key, numbers) };
}

/**
 * Reverse of {@link sealEmbedding}, into new memory: a row with `numbers`, `checksum` and the model's
 * `dimension`. Bytes are copied, never read as numbers, which might change the payload of a NaN.
 *
 * @throws VecportError `corrupt-data` unless the numbers have the dimension and match the checksum
 */
export function unsealEmbedding(key: EmbeddingKey, row: Readonly<Record<string, SQLOutputValue>>): Float32Array {
  const { numbers, checksum, dimension } = row;
  const whole = numbers instanceof Uint8Array && numbers.length === Number(dimension) * FLOAT_BYTES;
  if (!whole || checksum !== computeChecksum(key, numbers)) {
    throw new VecportError('corrupt-data', `The stored embedding ${key.contentHash} does not match its checksum.`, {
      advice: "Store it again, or clear the model's entries.",
    });
  }
  const bytes = new Uint8Array(numbers);
  return new Float32Array(bytes.buffer);
}

// With the byte order: on a machine of another one the numbers would be others.
function computeChecksum({ contentHash, modelId }: EmbeddingKey, numbers: Uint8Array): number {
  return crc32(numbers, crc32(`${endianness()} ${contentHash} ${modelId}`));
}
