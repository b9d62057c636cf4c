import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import type { Pinecone } from '@pinecone-database/pinecone';
import { VecportError } from '@vecport/abstractions';
import { retryRead } from '@vecport/wire';
import { Agent } from 'undici';
import { type PineconeSettings, PROVIDER, parseOrigin } from './config.js';
import { answerError, connectionError, notSupported, type RefusedAnswer } from './errors.js';
import { createLimiter } from './limiter.js';

/** Version of the API that requests to an index ask for: the oldest that has all they need. */
export const API_VERSION = '2025-10';

/** A request to an index. */
interface DataRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** False: it is tried once. */
  readonly again?: boolean | undefined;
}

/** The host of an index: every request may be made again, and is when Pinecone is busy or away. */
export interface IndexHost {
  /** The body of a success. @throws VecportError for any other answer and for none. */
  request(request: DataRequest): Promise<Uint8Array>;
}

/** Connections to a project of Pinecone. */
export interface PineconeClient {
  /** Whether there is a control plane; without it there is one index. */
  readonly hasControl: boolean;
  /** A call of the official client; `again`: it may be repeated. @throws VecportError. */
  control<T>(
    work: (pinecone: Pinecone) => Promise<T>,
    options: { readonly signal: AbortSignal | undefined; readonly again: boolean },
  ): Promise<T>;
  /** The host of an index, named as the control plane names it. */
  host(name: string): IndexHost;
  close(): Promise<void>;
}

interface ControlCall {
  readonly signal: AbortSignal;
  refused: RefusedAnswer | undefined;
}

const calls = new AsyncLocalStorage<ControlCall>();

/**
 * Prepare connections; nothing is sent. An injected client gives the key and the control plane.
 * @throws VecportError `unauthorized` without a key.
 */
export async function openClient(settings: PineconeSettings, injected: Pinecone | undefined): Promise<PineconeClient> {
  const { timeout } = settings;
  const configured = injected?.getConfig();
  const apiKey = configured?.apiKey ?? settings.apiKey;
  if (apiKey === undefined) {
    throw new VecportError('unauthorized', 'No API key of Pinecone is configured.', {
      provider: PROVIDER,
      advice: 'Set PINECONE_API_KEY.',
    });
  }
  const controlOrigin = configured?.controllerHostUrl ?? settings.host;
  const control = settings.indexHost === undefined ? (injected ?? (await ownClient(apiKey, settings.host))) : undefined;
  const agent = new Agent({ connections: 64, headersTimeout: timeout, bodyTimeout: timeout });
  const hosts = new Map<string, IndexHost>();
  return {
    hasControl: control !== undefined,
    control: async (work, { signal, again }) => {
      if (control === undefined)
        throw notSupported('With indexHost there is no control plane.', 'Remove the setting indexHost.');
      const once = async () => controlCall(async () => work(control), { signal, timeout, origin: controlOrigin });
      return again ? retryRead(once, { signal }) : once();
    },
    host: (name) => {
      // Pinecone Local leaves the scheme out; it has the one of its control plane.
      const origin = parseOrigin('indexHost', name, controlOrigin.startsWith('http://') ? 'http:' : 'https:');
      const known = hosts.get(origin) ?? createHost({ agent, origin, apiKey, settings });
      hosts.set(origin, known);
      return known;
    },
    close: async () => agent.destroy(),
  };
}

async function ownClient(apiKey: string, controllerHostUrl: string): Promise<Pinecone> {
  const { Pinecone } = await import('@pinecone-database/pinecone');
  return new Pinecone({ apiKey, controllerHostUrl, maxRetries: 0, fetchApi: watchedFetch });
}

// The official client knows no signals and keeps neither status nor headers of a refusal.
const watchedFetch: typeof fetch = async (input, init) => {
  const call = calls.getStore();
  const response = await fetch(input, call === undefined ? init : { ...init, signal: call.signal });
  if (!response.ok && call !== undefined) {
    const body = await response.clone().text();
    call.refused = { status: response.status, body, retryAfter: response.headers.get('retry-after') ?? undefined };
  }
  return response;
};

async function controlCall<T>(
  work: () => Promise<T>,
  { signal, timeout, origin }: { signal: AbortSignal | undefined; timeout: number; origin: string },
): Promise<T> {
  signal?.throwIfAborted();
  const call: ControlCall = { signal: bounded(signal, timeout), refused: undefined };
  try {
    const result = await calls.run(call, work);
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw call.refused === undefined ? clientError(error, call.signal, origin) : answerError(call.refused);
  }
}

// An injected client has a fetch of its own: what it was refused is told by the names of its errors.
const STATUS_OF_NAME: Readonly<Record<string, number>> = {
  PineconeBadRequestError: 400,
  PineconeAuthorizationError: 401,
  PineconePaymentRequiredError: 402,
  PineconeNotFoundError: 404,
  PineconeConflictError: 409,
  PineconeFailedPreconditionError: 412,
  PineconeUnprocessableEntityError: 422,
  PineconeInternalServerError: 500,
  PineconeNotImplementedError: 501,
  PineconeUnavailableError: 503,
  PineconeMaxRetriesExceededError: 503,
};

function clientError(error: unknown, signal: AbortSignal, origin: string): unknown {
  if (signal.aborted) return connectionError(signal.reason, origin);
  const name = types.isNativeError(error) ? error.name : '';
  if (name === 'PineconeArgumentError')
    return new VecportError('invalid-argument', String((error as Error).message), { provider: PROVIDER, cause: error });
  const status =
    STATUS_OF_NAME[name] ?? (name === 'PineconeUnmappedHttpError' && /429/.test(String(error)) ? 429 : undefined);
  if (status === undefined) return connectionError(error, origin);
  return answerError({ status, body: (error as Error).message, retryAfter: undefined });
}

interface HostParts {
  readonly agent: Agent;
  readonly origin: string;
  readonly apiKey: string;
  readonly settings: PineconeSettings;
}

function createHost({ agent, origin, apiKey, settings }: HostParts): IndexHost {
  const limiter = createLimiter(settings.requestsPerSecond);
  const headers = {
    'api-key': apiKey,
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'x-pinecone-api-version': API_VERSION,
    'user-agent': 'vecport',
  };
  const once = async ({ method, path, body, signal }: DataRequest): Promise<Uint8Array> => {
    await limiter(signal);
    const limit = bounded(signal, settings.timeout);
    try {
      const answer = await agent.request({ origin, method, path, headers, body: body ?? null, signal: limit });
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      if (answer.statusCode >= 200 && answer.statusCode < 300) return bytes;
      const retryAfter = answer.headers['retry-after'];
      throw answerError({
        status: answer.statusCode,
        body: new TextDecoder().decode(bytes),
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionError(error, origin);
    }
  };
  return {
    request: async (request) =>
      request.again === false ? once(request) : retryRead(async () => once(request), { signal: request.signal }),
  };
}

function bounded(signal: AbortSignal | undefined, timeout: number): AbortSignal {
  const limit = AbortSignal.timeout(timeout);
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}
