/**
 * The closed set of things that can go wrong. A code says what the caller can do about it;
 * whether trying again may help is derived from it (see {@link isRetryable}).
 */
export const ERROR_CODES = [
  /** The call itself is wrong: a bad option, filter, URL or record. */
  'invalid-argument',
  /** The collection, dataset, file or setting does not exist. */
  'not-found',
  /** The target is there already and was not asked to be changed. */
  'already-exists',
  /** A vector has another dimension than the collection. */
  'dimension-mismatch',
  /** The provider, as it is configured, cannot do this. */
  'not-supported',
  /** No or wrong credentials. */
  'unauthorized',
  /** The credentials are known and do not allow this. */
  'forbidden',
  /** The provider asks to slow down. */
  'rate-limited',
  /** The provider cannot be reached or is starting, stopping or overloaded. */
  'unavailable',
  /** No answer within the time allowed. */
  'timeout',
  /** Somebody else holds a lock or changed the same thing. */
  'conflict',
  /** Bytes that do not decode, or do not match their checksum. */
  'corrupt-data',
  /** The source is no longer what the plan was made for. */
  'source-changed',
  /** What the provider held for a read (a snapshot, a cursor, a scroll) is gone; the read can start again. */
  'expired',
  /** The work ended, and something is missing or unequal. */
  'incomplete',
  /** A disk or a bucket refused to be read or written: full, read-only, gone. */
  'storage',
  /** The provider answered with an error that fits no other code. */
  'provider-error',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['rate-limited', 'unavailable', 'timeout']);

/** Where an error happened. Core fills in what the thrower left out. */
export interface ErrorContext {
  /** Adapter name, e.g. `lancedb`. */
  readonly provider?: string | undefined;
  /** Collection, table, index or class name. */
  readonly collection?: string | undefined;
  /** The method that failed, e.g. `upsertMany`. */
  readonly operation?: string | undefined;
  /** What the caller can do next, one sentence. */
  readonly advice?: string | undefined;
  /** How long the provider asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The error underneath, kept as it was thrown. */
  readonly cause?: unknown;
}

/**
 * The only error class of Vecport. The message says what happened and to what; `advice` says what
 * to do next. Cancellation is not an error of ours: an abort reason passes through unwrapped.
 */
export class VecportError extends Error {
  override readonly name = 'VecportError';
  readonly code: ErrorCode;
  /** The sentence as it was given, without context and advice. */
  readonly reason: string;
  readonly provider: string | undefined;
  readonly collection: string | undefined;
  readonly operation: string | undefined;
  readonly advice: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, reason: string, context: ErrorContext = {}) {
    super(describeError(reason, context), context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.reason = reason;
    this.provider = context.provider;
    this.collection = context.collection;
    this.operation = context.operation;
    this.advice = context.advice;
    this.retryAfterMs = context.retryAfterMs;
  }

  /** Whether the same call may succeed later. Derived from the code alone. */
  get retryable(): boolean {
    return isRetryable(this.code);
  }
}

/** Whether an error with this code may go away by itself. */
export function isRetryable(code: ErrorCode): boolean {
  return RETRYABLE.has(code);
}

/** The same error with the context it lacks; what it already says is kept. */
export function withContext(error: VecportError, context: ErrorContext): VecportError {
  const fuller = new VecportError(error.code, error.reason, {
    provider: error.provider ?? context.provider,
    collection: error.collection ?? context.collection,
    operation: error.operation ?? context.operation,
    advice: error.advice ?? context.advice,
    retryAfterMs: error.retryAfterMs ?? context.retryAfterMs,
    cause: error.cause ?? context.cause,
  });
  const frames = error.stack?.indexOf('\n    at ') ?? -1;
  if (frames >= 0) fuller.stack = `${fuller.name}: ${fuller.message}${error.stack?.slice(frames)}`;
  return fuller;
}

/** Narrow an unknown thrown value to {@link VecportError}, also across duplicate package copies. */
export function isVecportError(value: unknown): value is VecportError {
  return value instanceof Error && value.name === 'VecportError' && 'code' in value;
}

function describeError(reason: string, context: ErrorContext): string {
  const place = [context.provider, context.collection, context.operation].filter(
    (part) => part !== undefined && part !== '',
  );
  const head = place.length > 0 ? `[${place.join(' / ')}] ${reason}` : reason;
  return context.advice === undefined ? head : `${head} ${context.advice}`;
}
