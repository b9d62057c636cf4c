import { isVecportError, VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import { type RetryPolicy, retrying } from './backoff.js';

/** Where texts are embedded: a service with the HTTP interface of OpenAI's embeddings. */
export interface EmbeddingService {
  /** What comes before `/embeddings`, e.g. `https://api.openai.com/v1`. */
  readonly url: string;
  /** Sent as a bearer token; none if not said. */
  readonly apiKey?: string | undefined;
  /** The model's name, as the service knows it. */
  readonly model: string;
  /** Texts a request; 64 if not said. */
  readonly batchSize?: number | undefined;
  /** Milliseconds a request may take; 60,000 if not said. */
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
}

/** Embeds texts: one vector each, in their order. */
export type EmbedTexts = (texts: readonly string[], signal?: AbortSignal) => Promise<readonly Float32Array[]>;

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().nonnegative().optional(), embedding: z.array(z.number()) })),
});

/**
 * A client of an embedding service. Requests that fail for a while are tried again.
 * @throws VecportError `unauthorized`, `forbidden`, `rate-limited`, `unavailable`, `timeout`; `invalid-argument` for what
 * the service refuses, `provider-error` for an answer that is none: not as many vectors as texts, or numbers that are
 * not finite.
 */
export function embeddingClient(service: EmbeddingService): EmbedTexts {
  const { batchSize = 64, retry = {} } = service;
  return async (texts, signal) => {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += batchSize) {
      const batch = texts.slice(start, start + batchSize);
      vectors.push(...(await retrying(async () => embedBatch(service, batch, signal), retry, signal)));
    }
    return vectors;
  };
}

async function embedBatch(
  service: EmbeddingService,
  input: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly Float32Array[]> {
  const response = await post(service, { model: service.model, input, encoding_format: 'float' }, signal);
  const { data, success } = answerSchema.safeParse(response);
  if (!success || data.data.length !== input.length) throw wrongAnswer(service, `has no ${input.length} vectors`);
  const vectors: Float32Array[] = [];
  data.data.forEach(({ index, embedding }, at) => {
    vectors[index ?? at] = Float32Array.from(embedding);
  });
  if (Object.keys(vectors).length !== input.length) throw wrongAnswer(service, 'gives a text two vectors');
  if (!vectors.every((vector) => vector.length > 0 && vector.every(Number.isFinite)))
    throw wrongAnswer(service, 'holds a vector that is empty or not finite');
  return vectors;
}

async function post(service: EmbeddingService, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
  const { url, apiKey, timeoutMs = 60_000 } = service;
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(body),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    if (!response.ok) throw await refusal(response);
    return await response.json();
  } catch (cause) {
    signal?.throwIfAborted();
    if (isVecportError(cause)) throw cause;
    if (limit.aborted) {
      throw new VecportError('timeout', `The embedding service did not answer within ${timeoutMs} ms.`, { cause });
    }
    // An answer that was cut on its way is not JSON; the next one may be whole.
    if (cause instanceof Error && cause.name === 'SyntaxError')
      throw new VecportError('unavailable', `The answer of the embedding service ${url} is not JSON.`, { cause });
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new VecportError('unavailable', `The embedding service cannot be reached: ${why}.`, {
      advice: 'Check EMBEDDING_URL.',
      cause,
    });
  }
}

async function refusal(response: Response): Promise<VecportError> {
  const { status, statusText } = response;
  const text = (await response.text().catch(() => '')).slice(0, 300);
  const reason = `The embedding service answered ${status} ${statusText}: ${text}`;
  if (status === 401) return new VecportError('unauthorized', reason, { advice: 'Check EMBEDDING_API_KEY.' });
  if (status === 403) return new VecportError('forbidden', reason);
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return new VecportError('rate-limited', reason, {
      retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    });
  }
  if (status >= 500 || status === 408) return new VecportError('unavailable', reason);
  return new VecportError('invalid-argument', reason, { advice: 'Check the name of the model and the texts.' });
}

function wrongAnswer({ url }: EmbeddingService, what: string): VecportError {
  return new VecportError('provider-error', `The answer of the embedding service ${url} ${what}.`);
}
