import { types } from 'node:util';
import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './provider.js';

/** An answer of the server that is not a success. */
export interface FailedAnswer {
  readonly status: number;
  /** The body as text. */
  readonly text: string;
  readonly retryAfter?: string | undefined;
}

interface Rule {
  /** Matched against the error's type and reason. */
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly advice?: string | undefined;
}

// What the body says is more exact than the status. First match wins.
const RULES: readonly Rule[] = [
  {
    pattern: /search_context_missing_exception|No search context found/,
    code: 'expired',
    advice: 'The server no longer holds the point in time or scroll: start the read again.',
  },
  { pattern: /resource_already_exists_exception|already exists as alias/, code: 'already-exists' },
  { pattern: /index_not_found_exception/, code: 'not-found' },
  { pattern: /different (number of )?dimensions?|has a different dimension/, code: 'dimension-mismatch' },
  {
    pattern: /read[-_ ]only[-_ ]allow[-_ ]delete|disk usage exceeded flood-stage/,
    code: 'storage',
    advice: "The server's disk is nearly full: free some space, then lift the index's write block.",
  },
  { pattern: /circuit_breaking_exception|es_rejected_execution|EsRejectedExecution/, code: 'rate-limited' },
  { pattern: /version_conflict_engine_exception/, code: 'conflict' },
  { pattern: /no_shard_available_action_exception|NoShardAvailable/, code: 'unavailable' },
  { pattern: /media_type_header_exception/, code: 'provider-error', advice: 'A proxy changes the request headers.' },
];

const BY_STATUS: ReadonlyMap<number, Omit<Rule, 'pattern'>> = new Map([
  [400, { code: 'invalid-argument' }],
  [401, { code: 'unauthorized', advice: 'Set ELASTICSEARCH_API_KEY, or user name and password.' }],
  [403, { code: 'forbidden', advice: 'Grant the privilege that the message names.' }],
  [404, { code: 'not-found' }],
  [408, { code: 'timeout' }],
  [413, { code: 'invalid-argument', advice: 'The request is larger than http.max_content_length.' }],
  [429, { code: 'rate-limited' }],
  [502, { code: 'unavailable' }],
  [503, { code: 'unavailable' }],
  [504, { code: 'timeout' }],
]);

/** The code of an error that Elasticsearch names, e.g. that of one item of a bulk. */
export function codeOfError(status: number, text: string): { code: ErrorCode; advice?: string | undefined } {
  return RULES.find(({ pattern }) => pattern.test(text)) ?? BY_STATUS.get(status) ?? { code: 'provider-error' };
}

/** The error for an answer that is not a success. */
export function answerError({ status, text, retryAfter }: FailedAnswer): VecportError {
  const { code, advice } = codeOfError(status, text);
  const seconds = Number(retryAfter);
  return new VecportError(code, `Elasticsearch: ${reasonOf(text) ?? `HTTP status ${status}.`}`, {
    provider: PROVIDER,
    advice,
    retryAfterMs: retryAfter !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined,
    cause: { status, body: text.slice(0, 2000) },
  });
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something Elasticsearch, or an index as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** The server answered something it must not answer. */
export function brokenAnswer(reason: string, advice?: string): VecportError {
  return new VecportError('provider-error', reason, { provider: PROVIDER, advice });
}

/**
 * What the client library or a broken stream threw, with a code. Ours, and what no connection throws, is
 * returned unchanged.
 */
export function toVecportError(error: unknown): unknown {
  if (isVecportError(error) || !types.isNativeError(error)) return error;
  const fail = (code: ErrorCode, reason: string, advice?: string): VecportError =>
    new VecportError(code, reason, { provider: PROVIDER, advice, cause: error });
  switch (error.name) {
    case 'ProductNotSupportedError':
      return fail(
        'not-supported',
        'The server does not identify itself as Elasticsearch; it may be OpenSearch, which this adapter cannot read.',
        'Check the URL.',
      );
    case 'TimeoutError':
    case 'HeadersTimeoutError':
    case 'BodyTimeoutError':
      return fail('timeout', 'Elasticsearch did not answer in time.', 'The setting `timeout` allows more.');
    case 'ConfigurationError':
      return fail('invalid-argument', `Elasticsearch client: ${error.message}`);
    case 'ConnectionError':
    case 'NoLivingConnectionsError':
    case 'SocketError':
      return connectionError(error);
    default:
      return isBrokenConnection(error) ? connectionError(error) : error;
  }
}

function connectionError(error: Error): VecportError {
  const { message } = error;
  const isPlain = /wrong version number|packet length too long/i.test(message);
  const isCertificate = !isPlain && /certificate|fingerprint|self.signed|unable to (get|verify)/i.test(message);
  const advice = isPlain
    ? 'The server does not speak TLS on this port: write http:// or elastic://.'
    : isCertificate
      ? "The server's certificate is not trusted: give its authority as `ca`, or its `fingerprint`."
      : 'Check the URL, and that the server is running.';
  return new VecportError(
    isCertificate ? 'unauthorized' : 'unavailable',
    `The connection to Elasticsearch failed: ${message.trim()}`,
    { provider: PROVIDER, advice, cause: error },
  );
}

function isBrokenConnection(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    /^(?:UND_ERR_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE)/.test(code) ||
    /^(?:terminated|aborted|other side closed)$/.test(error.message)
  );
}

interface ErrorBody {
  readonly error?: string | ErrorReason;
  readonly message?: string;
}

interface ErrorReason {
  readonly type?: string;
  readonly reason?: string;
  readonly root_cause?: readonly ErrorReason[];
  readonly failed_shards?: readonly { readonly reason?: ErrorReason }[];
  readonly caused_by?: ErrorReason;
}

/** The sentence of an error body, with the root cause where that says more. */
function reasonOf(text: string): string | undefined {
  const body = parsed(text);
  const error = body?.error;
  if (error === undefined) return body?.message ?? (text.trim() === '' ? undefined : preview(text));
  if (typeof error === 'string') return preview(error);
  return describe(error);
}

/** One sentence for an error as Elasticsearch nests it. */
export function describe(error: ErrorReason): string {
  const root = error.root_cause?.[0] ?? error.failed_shards?.[0]?.reason;
  const parts = [error.reason, root?.reason, error.caused_by?.reason].filter((part) => part !== undefined);
  const distinct = parts.filter(
    (part, at) => !parts.some((other, index) => index !== at && includes(other, part, index < at)),
  );
  return preview(distinct.join(': ') || (error.type ?? 'no reason given'));
}

// Of two equal parts the first is kept.
function includes(other: string, part: string, before: boolean): boolean {
  return other === part ? before : other.includes(part);
}

function parsed(text: string): ErrorBody | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function preview(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 400 ? line : `${line.slice(0, 400)}…`;
}
