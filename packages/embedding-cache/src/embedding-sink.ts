import { type CallOptions, rows, VecportError, type VectorBatch, type VectorRow } from '@vecport/abstractions';
import { checkModelId } from './cache-checks.js';
import { computeContentHash } from './content-hash.js';
import type { EmbeddingEntry, IEmbeddingCache } from './embedding-cache.js';

/** How points become entries of a cache. */
export interface EmbeddingSinkOptions {
  readonly cache: IEmbeddingCache;
  /** The model that made the vectors. */
  readonly modelId: string;
  /** The text a point's vector was made of; `undefined` where nobody knows any more: the point is skipped and counted. */
  textOf(row: VectorRow): string | undefined | Promise<string | undefined>;
  /** Which vector; the one that `VectorRow.embedding` is if not said. Must be dense. */
  readonly vectorName?: string | undefined;
  /** Told of each point that is skipped, and why. */
  readonly onSkipped?: ((id: string, why: 'no-text' | 'no-vector') => void) | undefined;
}

/** What became of the points of a part. */
export interface WarmedPart {
  /** Points whose vectors are in the cache now. */
  readonly exported: number;
  /** Points without a text or a vector. */
  readonly skipped: number;
}

/** A cache as a sink of points: what the transfer engine of `@vecport/transfer` writes to, part by part. */
export interface EmbeddingSink {
  open(
    place: unknown,
    options: CallOptions,
  ): Promise<{
    write(batch: VectorBatch): Promise<void>;
    commit(): Promise<WarmedPart>;
    abort(): Promise<void>;
  }>;
}

/**
 * Fills a cache from vectors that are stored already, so that no embedding is paid for twice. Each batch is stored at
 * once; storing it again is harmless, and an aborted part leaves what was stored.
 * @throws VecportError `invalid-argument` for a malformed model id, or a vector that is not dense.
 */
export function embeddingSink(options: EmbeddingSinkOptions): EmbeddingSink {
  checkModelId(options.modelId);
  return {
    open: async (_place, { signal }) => {
      let [exported, skipped] = [0, 0];
      return {
        write: async (batch) => {
          const entries = await entriesOf(batch, options);
          await options.cache.setMany(entries, { signal });
          exported += entries.length;
          skipped += batch.ids.length - entries.length;
        },
        commit: async () => ({ exported, skipped }),
        abort: async () => {},
      };
    },
  };
}

/** Whether a value read from a checkpoint is what a part gave. */
export function isWarmedPart(value: unknown): value is WarmedPart {
  if (typeof value !== 'object' || value === null) return false;
  const { exported, skipped } = value as Partial<WarmedPart>;
  return Number.isSafeInteger(exported) && Number.isSafeInteger(skipped);
}

async function entriesOf(batch: VectorBatch, options: EmbeddingSinkOptions): Promise<readonly EmbeddingEntry[]> {
  const { modelId, onSkipped } = options;
  const entries: EmbeddingEntry[] = [];
  for (const row of rows(batch)) {
    const embedding = vectorOf(row, options);
    const text = embedding === undefined ? undefined : await options.textOf(row);
    if (embedding === undefined) onSkipped?.(row.id, 'no-vector');
    else if (text === undefined) onSkipped?.(row.id, 'no-text');
    else entries.push({ contentHash: computeContentHash(text), modelId, embedding });
  }
  return entries;
}

function vectorOf(row: VectorRow, { vectorName }: EmbeddingSinkOptions): Float32Array | undefined {
  if (vectorName === undefined) return row.embedding;
  const vector = row.vector(vectorName);
  if (vector === undefined || vector instanceof Float32Array) return vector;
  throw new VecportError('invalid-argument', `The vector '${vectorName}' of the point '${row.id}' is not dense.`);
}
