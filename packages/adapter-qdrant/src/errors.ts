import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { GrpcError } from '@vecport/wire';
import { PROVIDER } from './config.js';

const GRPC_CODES: Readonly<Record<number, ErrorCode>> = {
  // Qdrant reports its own time limit as CANCELLED.
  1: 'timeout',
  3: 'invalid-argument',
  4: 'timeout',
  5: 'not-found',
  6: 'already-exists',
  7: 'forbidden',
  8: 'rate-limited',
  9: 'invalid-argument',
  11: 'invalid-argument',
  12: 'not-supported',
  14: 'unavailable',
  16: 'unauthorized',
};

const HTTP_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-argument',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  409: 'already-exists',
  413: 'invalid-argument',
  422: 'invalid-argument',
  429: 'rate-limited',
  501: 'not-supported',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'Set QDRANT_API_KEY to a key of this server.',
  forbidden: 'Use a key that may do this.',
  unavailable:
    'Check that the server runs, and the address and ports. Where only REST gets through, set QDRANT_TRANSPORT to http.',
  timeout: 'Try again, or raise the setting timeout.',
};

/** A status of the REST interface with its body, as an error with a code. */
export function httpError(status: number, body: string, retryAfter: string | undefined): VecportError {
  return serverError(HTTP_CODES[status] ?? 'provider-error', messageOf(body) || `HTTP ${status}`, {
    retryAfterMs: retryAfterMs(retryAfter),
  });
}

/**
 * What a call of the gRPC channel, of undici or of the official client threw, with its code and the error
 * itself as `cause`. What is ours already, an abort reason or a fault in a program is returned unchanged.
 */
export function toVecportError(error: unknown): unknown {
  if (isVecportError(error) || !isErrorLike(error)) return error;
  if (error instanceof GrpcError) {
    if (error.grpcCode === 1 && error.details === 'The channel is closed.')
      return serverError('unavailable', error.details, { cause: error });
    const code = GRPC_CODES[error.grpcCode] ?? 'provider-error';
    return serverError(code, error.details, { retryAfterMs: error.retryAfterMs, cause: error });
  }
  const status = statusOf(error);
  if (status !== undefined) {
    const converted = httpError(status, bodyOf(error), undefined);
    return new VecportError(converted.code, converted.reason, {
      ...contextOf(converted.code),
      retryAfterMs: retryAfterOf(error),
      cause: error,
    });
  }
  return connectionError(error);
}

/** Run calls to the server; what they throw comes out as {@link toVecportError} says, abort reasons first. */
export async function serverCall<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    // Nobody here has aborted: the official client does when its time is over, also in the middle of an answer.
    if (isErrorLike(error) && error.name === 'AbortError')
      throw serverError('timeout', 'no whole answer within the time allowed', { cause: error });
    throw toVecportError(error);
  }
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** A vector of another dimension than the collection's. */
export function dimensionMismatch(name: string, expected: number, given: number): VecportError {
  const reason = `The vector '${name}' has ${expected} dimensions in the collection and ${given} in the batch.`;
  return new VecportError('dimension-mismatch', reason, { provider: PROVIDER });
}

/** Something Qdrant, or this server, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** An answer that is well formed and cannot be true. */
export function brokenPromise(reason: string): VecportError {
  return new VecportError('provider-error', reason, {
    provider: PROVIDER,
    advice: 'Something between here and Qdrant answers wrongly, e.g. a proxy that caches: connect directly.',
  });
}

/** Bytes that do not decode. */
export function corruptAnswer(reason: string): VecportError {
  return new VecportError('corrupt-data', reason, { provider: PROVIDER });
}

// A DOMException, which timeouts are, may come from another realm, where `instanceof` does not reach.
function isErrorLike(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && 'name' in error;
}

function serverError(
  code: ErrorCode,
  message: string,
  more: { retryAfterMs?: number | undefined; cause?: unknown } = {},
): VecportError {
  const refined = refine(code, message);
  return new VecportError(refined, `Qdrant: ${sentence(message)}`, { ...contextOf(refined), ...more });
}

function contextOf(code: ErrorCode): { provider: string; advice: string | undefined } {
  return { provider: PROVIDER, advice: ADVICE[code] };
}

// Statuses are coarse: the message says which wrong input it was.
function refine(code: ErrorCode, message: string): ErrorCode {
  if (code !== 'invalid-argument') return code;
  if (/Vector dimension error/i.test(message)) return 'dimension-mismatch';
  return /already exists/i.test(message) ? 'already-exists' : code;
}

function connectionError(error: Error): unknown {
  const codes = errorCodes(error);
  if (
    error.name === 'TimeoutError' ||
    error.name === 'QdrantClientTimeoutError' ||
    codes.some((code) => /TIMEOUT/.test(code))
  ) {
    return serverError('timeout', 'no answer within the time allowed', { cause: error });
  }
  if (error.name === 'QdrantClientResourceExhaustedError') {
    return serverError('rate-limited', error.message, { retryAfterMs: retryAfterOf(error), cause: error });
  }
  const lost = codes.some((code) =>
    /^(E[A-Z]+|UND_ERR_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*|ERR_TLS_.*|HPE_.*)$/.test(code),
  );
  if (!lost && error.message !== 'fetch failed' && error.message !== 'terminated') return error;
  return serverError('unavailable', deepest(error).message || codes.join(', '), { cause: error });
}

function* causes(error: unknown): Generator<Error> {
  for (let inner = error, depth = 0; isErrorLike(inner) && depth < 8; inner = inner.cause, depth++) {
    yield inner;
    if ('errors' in inner && Array.isArray(inner.errors)) yield* inner.errors.filter(isErrorLike);
  }
}

function errorCodes(error: Error): readonly string[] {
  return [...causes(error)].flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : []));
}

function deepest(error: Error): Error {
  return [...causes(error)].at(-1) ?? error;
}

// The official client throws ApiError with `status` and `data`, or an error with the status in its message.
function statusOf(error: Error): number | undefined {
  if ('status' in error && typeof error.status === 'number') return error.status;
  const status = /^Unexpected Response: (\d{3})/.exec(error.message)?.[1];
  return status === undefined ? undefined : Number(status);
}

function bodyOf(error: Error): string {
  if (!('data' in error) || error.data === undefined) return error.message;
  return typeof error.data === 'string' ? error.data : JSON.stringify(error.data);
}

function retryAfterOf(error: Error): number | undefined {
  if ('retry_after' in error && typeof error.retry_after === 'number') return error.retry_after * 1000;
  if (!('headers' in error) || !(error.headers instanceof Headers)) return undefined;
  return retryAfterMs(error.headers.get('retry-after') ?? undefined);
}

function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The text of Qdrant's error body `{"status":{"error":…}}`; other bodies as they are, cut short. */
function messageOf(body: string): string {
  const found = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(body)?.[1];
  if (found !== undefined) {
    try {
      return JSON.parse(found) as string;
    } catch {
      // Not JSON: the body is shown as it is.
    }
  }
  return body.length <= 300 ? body.trim() : `${body.slice(0, 300)}…`;
}

function sentence(message: string): string {
  return /[.!?…]$/.test(message) ? message : `${message}.`;
}
