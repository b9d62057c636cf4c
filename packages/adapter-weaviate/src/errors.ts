import { types } from 'node:util';
import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { GRPC_STATUS, GrpcError } from '@vecport/wire';
import { PROVIDER } from './config.js';

interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly advice?: string;
}

// Weaviate answers most faults with one status (gRPC UNKNOWN, HTTP 422 or 500) and says in words what it was.
const RULES: readonly Rule[] = [
  {
    pattern: /could not find class|class .* not found|class not found|no such class/i,
    code: 'not-found',
    advice: 'List the collections of the store to see what there is.',
  },
  { pattern: /class name .* already exists/i, code: 'already-exists' },
  { pattern: /tenant not found/i, code: 'not-found', advice: 'List the tenants of the collection, or create it.' },
  {
    pattern: /tenant not active|tenant .* is not active/i,
    code: 'not-supported',
    advice: 'Activate the tenant in Weaviate first; Vecport never does it by itself.',
  },
  {
    pattern: /has multi-tenancy enabled, but request was without tenant/i,
    code: 'invalid-argument',
    advice: 'Say whose points are meant: open the collection with a tenant.',
  },
  { pattern: /has multi-tenancy disabled|multi-tenancy is not enabled/i, code: 'invalid-argument' },
  { pattern: /vector lengths don't match|vector of the wrong size|dimension/i, code: 'dimension-mismatch' },
  { pattern: /read-?only/i, code: 'unavailable', advice: 'The shard is read-only, often because its disk is full.' },
  { pattern: /too many concurrent|rate limit/i, code: 'rate-limited' },
  { pattern: /not ready|leader not found|no such host|shutting down|context canceled/i, code: 'unavailable' },
  { pattern: /deadline exceeded|timeout/i, code: 'timeout' },
  {
    pattern: /forbidden|insufficient permission/i,
    code: 'forbidden',
    advice: 'The role of this API key does not allow it.',
  },
  {
    pattern: /anonymous access not enabled|unauthorized|invalid api key/i,
    code: 'unauthorized',
    advice: 'Check WEAVIATE_API_KEY.',
  },
];

const GRPC_CODES: Readonly<Record<number, ErrorCode>> = {
  [GRPC_STATUS.INVALID_ARGUMENT]: 'invalid-argument',
  [GRPC_STATUS.DEADLINE_EXCEEDED]: 'timeout',
  [GRPC_STATUS.NOT_FOUND]: 'not-found',
  [GRPC_STATUS.PERMISSION_DENIED]: 'forbidden',
  [GRPC_STATUS.RESOURCE_EXHAUSTED]: 'rate-limited',
  [GRPC_STATUS.UNAVAILABLE]: 'unavailable',
  [GRPC_STATUS.UNAUTHENTICATED]: 'unauthorized',
};

const HTTP_CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-argument',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  422: 'invalid-argument',
  429: 'rate-limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'Check WEAVIATE_API_KEY.',
  forbidden: 'The role of this API key does not allow it.',
  unavailable: 'Check that the server runs and that its HTTP and gRPC ports can be reached.',
};

const REPLY_TOO_LARGE = /(?:sending|received|send|receive) message larger than max/i;

/** Whether a gRPC reply or request was larger than the server allows, which a smaller page or batch helps against. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof GrpcError && REPLY_TOO_LARGE.test(error.details);
}

/** A gRPC status as our error; what is no `GrpcError` (ours, an abort reason, a fault of a program) unchanged. */
export function fromGrpc(error: unknown): unknown {
  if (!(error instanceof GrpcError)) return error;
  if (isTooLarge(error)) {
    return new VecportError('invalid-argument', `Weaviate: ${sentence(error.details)}`, {
      provider: PROVIDER,
      advice: 'Use smaller batches, or raise GRPC_MAX_MESSAGE_SIZE of the server.',
      cause: error,
    });
  }
  return classified(error.details, GRPC_CODES[error.grpcCode], {
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}

/** What an HTTP answer with this status and body means. */
export function fromHttp(status: number, body: string, retryAfterMs?: number): VecportError {
  const message = messageOf(body) || `HTTP ${status}`;
  return classified(message, HTTP_CODES[status], { retryAfterMs, cause: new Error(`HTTP ${status}: ${message}`) });
}

/** A connection that failed, or an answer that was cut. */
export function fromConnection(error: unknown, where: string): unknown {
  if (isVecportError(error) || !types.isNativeError(error)) return error;
  const { code = '' } = error as { readonly code?: string };
  const isParser = error.name === 'HTTPParserError';
  if (!isParser && !/^(?:UND_ERR|E[A-Z_]+$|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return error;
  const detail = error.message === '' ? code : error.message;
  return new VecportError('unavailable', `${where} cannot be reached: ${sentence(detail)}`, {
    provider: PROVIDER,
    advice: ADVICE.unavailable,
    cause: error,
  });
}

/** The code and reason of one point that a batch did not write. */
export function pointFailure(message: string): { readonly code: ErrorCode; readonly reason: string } {
  const error = classified(message, 'invalid-argument', {});
  return { code: error.code, reason: error.message };
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something Weaviate, or a collection as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** An answer that cannot be true. */
export function providerError(reason: string, advice?: string): VecportError {
  return new VecportError('provider-error', reason, { provider: PROVIDER, advice });
}

/** There is no collection of this name. */
export function noCollection(name: string, advice?: string): VecportError {
  return new VecportError('not-found', `There is no collection '${name}'.`, {
    provider: PROVIDER,
    advice: advice ?? 'List the collections of the store to see what there is.',
  });
}

interface Facts {
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

function classified(message: string, fallback: ErrorCode | undefined, facts: Facts): VecportError {
  // What the transport says about credentials and load is more certain than words.
  const certain = fallback !== undefined && fallback !== 'invalid-argument' && fallback !== 'not-found';
  const rule = certain ? undefined : RULES.find(({ pattern }) => pattern.test(message));
  const code = rule?.code ?? fallback ?? 'provider-error';
  return new VecportError(code, `Weaviate: ${sentence(message)}`, {
    provider: PROVIDER,
    advice: rule?.advice ?? ADVICE[code],
    ...facts,
  });
}

// `{"error":[{"message":"…"}]}`, or `{"code":…,"message":"…"}`, or plain text from a proxy.
function messageOf(body: string): string {
  try {
    const parsed = JSON.parse(body) as {
      readonly message?: string;
      readonly error?: unknown;
    };
    const errors: readonly { readonly message?: string }[] = Array.isArray(parsed.error) ? parsed.error : [parsed];
    const messages = errors.map(({ message }) => message);
    return messages.filter((message) => message !== undefined).join('; ');
  } catch {
    return body.slice(0, 300).trim();
  }
}

function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
