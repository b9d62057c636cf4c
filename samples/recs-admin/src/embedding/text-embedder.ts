import { type IVectorSearchRepository, VecportError } from '@vecport/abstractions';
import { computeContentHash, type IEmbeddingCache } from '@vecport/embedding-cache';
import { type EmbeddingService, type EmbedTexts, embeddingClient } from '@vecport/transfer';

/** Texts that are looked up, embedded and stored at a time. */
const BATCH_SIZE = 64;
/** Somebody waits for the answer to a query: it is asked for once. */
const FOR_A_QUERY = { retry: { retries: 0 }, timeoutMs: 15_000 } as const;

/** Embeddings of texts, in their order, and what they cost. */
interface EmbeddedTexts {
  readonly vectors: readonly Float32Array[];
  /** Texts whose embedding was in the cache. */
  readonly hits: number;
  /** Texts that the embedding service was asked for. */
  readonly misses: number;
}

/** Turns texts into vectors of the collection's model. */
export interface TextEmbedder {
  /** The model, which is the collection's. */
  readonly modelId: string;
  /**
   * Embed texts: from the cache where they are in it, else by the service. What the service made is put into the cache.
   * @throws VecportError `not-supported` for a text that is not in the cache when no service is configured,
   * `dimension-mismatch` when the service's vectors do not fit the collection; what the service answers.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<EmbeddedTexts>;
  /**
   * The same for one text that somebody waits for, and nobody will ask for again: it is asked for once, and not put into
   * the cache. A cache that cannot be reached does not keep it from being embedded.
   */
  embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array>;
}

/** What an embedder is made of. */
export interface EmbedderParts {
  readonly repository: IVectorSearchRepository;
  readonly cache: IEmbeddingCache;
  /** Where texts are embedded; `undefined` when none is configured. */
  readonly service: Omit<EmbeddingService, 'model'> | undefined;
  /** The model that made the vectors, for providers that do not keep it with the collection, and as the service calls it. */
  readonly embeddingModel: string | undefined;
}

/**
 * An embedder for a collection.
 * @throws VecportError `invalid-argument` when nobody knows the collection's model, or the service's is another one.
 */
export async function openTextEmbedder(parts: EmbedderParts, signal?: AbortSignal): Promise<TextEmbedder> {
  const { repository, cache, service } = parts;
  const description = await repository.describe({ signal });
  const modelId = modelOf(parts, description.embeddingModel);
  const specs = Object.values(description.vectors).filter(({ kind }) => kind === 'dense');
  const model = parts.embeddingModel ?? modelId;
  const ask = service === undefined ? undefined : embeddingClient({ ...service, model });
  const askOnce = service === undefined ? undefined : embeddingClient({ ...service, model, ...FOR_A_QUERY });

  const embedMissing = async (
    texts: readonly string[],
    client: EmbedTexts | undefined,
    call?: AbortSignal,
  ): Promise<readonly Float32Array[]> => {
    if (texts.length === 0) return [];
    if (client === undefined) throw noService(texts.length);
    const vectors = await client(texts, call);
    for (const { length } of vectors) {
      if (specs.some(({ dimension }) => dimension !== undefined && dimension !== length)) {
        throw wrongDimension(repository, length, specs[0]?.dimension);
      }
    }
    return vectors;
  };

  const remember = async (
    texts: readonly string[],
    vectors: readonly Float32Array[],
    call?: AbortSignal,
  ): Promise<void> =>
    cache.setMany(
      texts.map((text, at) => ({
        contentHash: computeContentHash(text),
        modelId,
        embedding: vectors[at] as Float32Array,
      })),
      { signal: call },
    );

  const embedBatch = async (texts: readonly string[], call?: AbortSignal): Promise<EmbeddedTexts> => {
    const found = await Promise.all(
      texts.map(async (text) => cache.get(computeContentHash(text), modelId, { signal: call })),
    );
    const missing = texts.filter((_, at) => found[at] === undefined);
    const made = await embedMissing(missing, ask, call);
    await remember(missing, made, call);
    const embedded = made.values();
    const vectors = found.map((vector) => vector ?? (embedded.next().value as Float32Array));
    return { vectors, hits: texts.length - missing.length, misses: missing.length };
  };

  return {
    modelId,
    embedQuery: async (text, call) => {
      const cached = await cachedQuery(cache, computeContentHash(text), modelId, call);
      return cached ?? ((await embedMissing([text], askOnce, call))[0] as Float32Array);
    },
    embed: async (texts, call) => {
      const vectors: Float32Array[] = [];
      let misses = 0;
      for (let start = 0; start < texts.length; start += BATCH_SIZE) {
        const batch = await embedBatch(texts.slice(start, start + BATCH_SIZE), call);
        vectors.push(...batch.vectors);
        misses += batch.misses;
      }
      return { vectors, hits: texts.length - misses, misses };
    },
  };
}

async function cachedQuery(
  cache: IEmbeddingCache,
  contentHash: string,
  modelId: string,
  signal: AbortSignal | undefined,
): Promise<Float32Array | undefined> {
  try {
    return await cache.get(contentHash, modelId, { signal });
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function modelOf({ repository, service, embeddingModel }: EmbedderParts, described: string | undefined): string {
  const model = described ?? embeddingModel;
  const { provider, collection } = repository;
  if (model === undefined) {
    throw new VecportError('invalid-argument', 'The collection does not say which model made its vectors.', {
      provider,
      collection,
      advice: 'Set EMBEDDING_MODEL to its name.',
    });
  }
  if (service === undefined || embeddingModel === undefined || isSameModel(embeddingModel, model)) return model;
  throw new VecportError(
    'invalid-argument',
    `The embedding service is set to the model '${embeddingModel}', but the vectors were made by '${model}'.`,
    { provider, collection, advice: 'Vectors of two models cannot be compared: set EMBEDDING_MODEL to the latter.' },
  );
}

/** Services put a registry's name before a model's, and a tag after it. */
function isSameModel(one: string, other: string): boolean {
  const bare = (model: string): string =>
    model
      .replace(/^.*\//, '')
      .replace(/:[^:]*$/, '')
      .toLowerCase();
  return bare(one) === bare(other);
}

function noService(missing: number): VecportError {
  const what = missing === 1 ? 'A text is' : `${missing} texts are`;
  return new VecportError(
    'not-supported',
    `${what} not in the embedding cache, and no embedding service is configured.`,
    {
      advice:
        'Set EMBEDDING_URL to an OpenAI-compatible service, e.g. http://127.0.0.1:11434/v1 for Ollama, and EMBEDDING_MODEL.',
    },
  );
}

function wrongDimension(
  { provider, collection }: IVectorSearchRepository,
  found: number,
  expected: number | undefined,
): VecportError {
  return new VecportError(
    'dimension-mismatch',
    `The embedding service gives vectors of ${found} dimensions; those of the collection have ${expected}.`,
    { provider, collection, advice: 'Set EMBEDDING_MODEL to the model that made the stored vectors.' },
  );
}
