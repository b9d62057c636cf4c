import type { TextEmbedder } from './text-embedder.js';

/**
 * Opens the embedder of the application's collection, once: what it found out is kept until it fails.
 * @throws VecportError what `openTextEmbedder` has to say.
 */
export type OpenEmbedder = (signal?: AbortSignal) => Promise<TextEmbedder>;
