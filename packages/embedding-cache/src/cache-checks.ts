import { VecportError } from '@vecport/abstractions';
import type { EmbeddingCacheStats, EmbeddingEntry, EmbeddingModelStats } from './embedding-cache.js';

/** Bytes a number of an embedding takes. */
export const FLOAT_BYTES = 4;

const MAX_MODEL_ID_BYTES = 512;

/** @throws VecportError `invalid-argument` unless both could have been used to store an embedding. */
export function checkKey(contentHash: string, modelId: string): void {
  if (!/^[0-9a-f]{64}$/.test(contentHash)) {
    refuse(`${JSON.stringify(contentHash)} is no content hash.`, 'Make it with computeContentHash(text).');
  }
  checkModelId(modelId);
}

/** @throws VecportError `invalid-argument` */
export function checkFolder(folder: string): void {
  if (typeof folder === 'string' && folder !== '' && !folder.includes('\0')) return;
  refuse(`${JSON.stringify(folder)} is no path of a folder.`, 'Name the folder of the cache.');
}

/** @throws VecportError `invalid-argument` */
export function checkModelId(modelId: string): void {
  const size = typeof modelId === 'string' ? Buffer.byteLength(modelId) : 0;
  if (size > 0 && size <= MAX_MODEL_ID_BYTES && modelId.isWellFormed()) return;
  refuse(
    `${JSON.stringify(modelId)} is no model id.`,
    `Give the model's name, 1 to ${MAX_MODEL_ID_BYTES} bytes of valid Unicode.`,
  );
}

/**
 * The entries as a list, each of them checked, and the dimension of each model among them.
 * `known` says which dimension a model has in the store.
 *
 * @throws VecportError `invalid-argument`, `dimension-mismatch`
 */
export function checkEntries(
  entries: Iterable<EmbeddingEntry>,
  known: (modelId: string) => number | undefined,
): { readonly list: readonly EmbeddingEntry[]; readonly dimensions: ReadonlyMap<string, number> } {
  const list = [...entries];
  const dimensions = new Map<string, number>();
  for (const { contentHash, modelId, embedding } of list) {
    checkKey(contentHash, modelId);
    checkEmbedding(embedding);
    const dimension = dimensions.get(modelId) ?? known(modelId) ?? embedding.length;
    if (embedding.length !== dimension) throw wrongDimension(modelId, dimension, embedding.length);
    dimensions.set(modelId, dimension);
  }
  return { list, dimensions };
}

/** The sums over the models, which are put in order. */
export function summarize(
  models: readonly EmbeddingModelStats[],
  counts: Pick<EmbeddingCacheStats, 'hits' | 'misses'>,
): EmbeddingCacheStats {
  return {
    entries: models.reduce((sum, { entries }) => sum + entries, 0),
    bytes: models.reduce((sum, { entries, dimension }) => sum + entries * dimension * FLOAT_BYTES, 0),
    models: models.toSorted((left, right) => Buffer.compare(Buffer.from(left.modelId), Buffer.from(right.modelId))),
    ...counts,
  };
}

/** The error of every call after `close`. */
export function closedCache(): VecportError {
  return new VecportError('invalid-argument', 'The embedding cache was closed.', {
    advice: 'Open it again to use it.',
  });
}

function checkEmbedding(embedding: Float32Array): void {
  // Not `instanceof`: an array from another realm is as good. A plain array would be rounded in silence.
  if (Object.prototype.toString.call(embedding) !== '[object Float32Array]') {
    refuse('The embedding is no Float32Array.', 'Convert it, so that it is clear where it is rounded.');
  }
  if (embedding.length === 0) refuse('The embedding is empty.', 'Store no embedding instead.');
}

function wrongDimension(modelId: string, expected: number, actual: number): VecportError {
  const model = JSON.stringify(modelId);
  return new VecportError(
    'dimension-mismatch',
    `The embedding has ${actual} dimensions, but those of the model ${model} in this cache have ${expected}.`,
    { advice: 'Check the model id; if the model has changed, clear its entries first.' },
  );
}

function refuse(reason: string, advice: string): never {
  throw new VecportError('invalid-argument', reason, { advice });
}
