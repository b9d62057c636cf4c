import type { CallOptions } from '@vecport/abstractions';

/** What an embedding is found by: the text it was made of, and the model that made it. */
export interface EmbeddingKey {
  /** Made by `computeContentHash`. */
  readonly contentHash: string;
  /** The model's name, compared byte by byte: 1 to 512 bytes of UTF-8. */
  readonly modelId: string;
}

/** An embedding with its key. */
export interface EmbeddingEntry extends EmbeddingKey {
  readonly embedding: Float32Array;
}

/** What a cache holds of one model. */
export interface EmbeddingModelStats {
  readonly modelId: string;
  /** Of each of its embeddings. */
  readonly dimension: number;
  readonly entries: number;
}

/** What a cache holds, and how it served this process. */
export interface EmbeddingCacheStats {
  readonly entries: number;
  /** Bytes of the embeddings, four a number; keys and the store's own overhead are not counted. */
  readonly bytes: number;
  /** By the bytes of their ids. */
  readonly models: readonly EmbeddingModelStats[];
  /** Calls of `get` on this object that found an embedding. Never stored. */
  readonly hits: number;
  /** Calls of `get` on this object that found none. Never stored. */
  readonly misses: number;
}

/**
 * Embeddings by text and model. A store may be shared by processes and machines; what one wrote, the
 * others read.
 *
 * Embeddings come back bit by bit as they were given, NaN payloads and −0 included. All embeddings
 * of a model have one dimension, that of the first; `clear` forgets it.
 *
 * Errors are `VecportError`s: `invalid-argument` for a malformed key, an empty embedding or a closed
 * cache, `dimension-mismatch`, `corrupt-data`, `storage`, `forbidden`, `unavailable` while others write.
 * Abort reasons pass unwrapped; a call that throws has changed nothing.
 *
 * The `I` is the customer's: its specification names `IEmbeddingCache`. Other names here have none.
 */
export interface IEmbeddingCache {
  /** The embedding, in memory of the caller's own, or `undefined`. */
  get(contentHash: string, modelId: string, options?: CallOptions): Promise<Float32Array | undefined>;
  /** Store an embedding in place of an older one; durable, where the store is, when it resolves. */
  set(contentHash: string, modelId: string, embedding: Float32Array, options?: CallOptions): Promise<void>;
  /**
   * Store all entries or none; durable, where the store is, when it resolves. Of entries with the
   * same key the last one stays. The arrays may be reused as soon as the call has returned its promise.
   */
  setMany(entries: Iterable<EmbeddingEntry>, options?: CallOptions): Promise<void>;
  stats(options?: CallOptions): Promise<EmbeddingCacheStats>;
  /** Remove all entries, or those of one model. Gives the number of entries removed. */
  clear(options?: CallOptions & { readonly modelId?: string | undefined }): Promise<number>;
  /** Let go of the store. The cache cannot be used afterwards; closing it again does nothing. */
  close(): Promise<void>;
}
