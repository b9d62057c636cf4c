import { types } from 'node:util';
import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

interface Verdict {
  readonly code: ErrorCode;
  readonly advice?: string | undefined;
}

// Names of pgvector's are not found by a role that may not look into its schema.
const EXTENSION_ADVICE = 'Grant the role USAGE on the schema of the extension, and check that pgvector is not too old.';

// SQLSTATE codes of PostgreSQL's Appendix A; the longest prefix wins.
const SQL_STATES: Readonly<Record<string, Verdict>> = {
  '08': { code: 'unavailable' },
  '0A': { code: 'not-supported' },
  '22': { code: 'invalid-argument' },
  '23': { code: 'invalid-argument' },
  '25006': { code: 'not-supported', advice: 'This server takes no writes: connect to the primary one.' },
  '28': { code: 'unauthorized', advice: 'Check user, password and the rules of pg_hba.conf.' },
  '3D000': { code: 'not-found', advice: 'Check the name of the database.' },
  '3F000': { code: 'not-found', advice: 'Make the schema first, or choose another one.' },
  '40': { code: 'conflict', advice: 'Try again.' },
  '42501': { code: 'forbidden', advice: 'Grant the role what the README lists under permissions.' },
  '2BP01': { code: 'conflict', advice: 'Other objects depend on it: drop them first.' },
  '42704': { code: 'forbidden', advice: EXTENSION_ADVICE },
  '42883': { code: 'forbidden', advice: EXTENSION_ADVICE },
  '42703': { code: 'source-changed', advice: 'The table was changed: open the collection again.' },
  '42P01': { code: 'not-found', advice: 'It may have been dropped.' },
  '42P07': { code: 'already-exists' },
  '42710': { code: 'already-exists' },
  '53': { code: 'unavailable' },
  '53300': {
    code: 'unavailable',
    advice: "The server's connections are used up: lower `connections`, or raise its limit.",
  },
  '53100': { code: 'storage', advice: "The server's disk is full." },
  '54': { code: 'not-supported', advice: "This is beyond a limit of PostgreSQL's." },
  '55P03': { code: 'conflict', advice: 'Somebody else holds a lock: try again later.' },
  '57014': { code: 'timeout', advice: 'Raise the setting `timeout`.' },
  '57P': { code: 'unavailable' },
  '58030': { code: 'storage' },
  XX001: { code: 'corrupt-data' },
  XX002: { code: 'corrupt-data', advice: 'An index is damaged: REINDEX it.' },
};

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

// What the client library says itself has no code.
const CLIENT_MESSAGES: readonly (Verdict & { readonly pattern: RegExp })[] = [
  {
    pattern: /terminated|error establishing an SSL|not queryable|Cannot use a pool after|Client was closed/i,
    code: 'unavailable',
  },
  { pattern: /timeout expired|timeout exceeded when trying to connect|connection timeout/i, code: 'unavailable' },
  { pattern: /^SASL|password must be a string/i, code: 'unauthorized', advice: 'Give the password of the role.' },
  {
    pattern: /does not support SSL/i,
    code: 'not-supported',
    advice: 'Use `sslmode=disable`, or switch TLS on in the server.',
  },
];

const TLS_CODES = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_)/;

/** Run calls of the client library; what it throws comes out as {@link toVecportError} says. */
export async function pgCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toVecportError(error);
  }
}

/**
 * An error of PostgreSQL or of its client with its code, told by the SQLSTATE, and the original as `cause`.
 * What neither threw (ours, an abort reason, a fault in a program) is returned unchanged.
 */
export function toVecportError(error: unknown): unknown {
  if (isVecportError(error) || !types.isNativeError(error)) return error;
  const verdict = verdictOf(error);
  if (verdict === undefined) return error;
  return new VecportError(verdict.code, sentence(error), { provider: PROVIDER, advice: verdict.advice, cause: error });
}

/** The SQLSTATE of an error of the server, also where it is the cause of one of ours. */
export function sqlStateOf(error: unknown): string | undefined {
  const thrown = isVecportError(error) ? error.cause : error;
  if (!types.isNativeError(thrown) || !('code' in thrown) || !('severity' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whether the server refused a value, which may be that of one point among many. */
export function isDataError(error: unknown): boolean {
  return /^(?:21|22|23|44|54|0A)/.test(sqlStateOf(error) ?? '');
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something pgvector, or a table as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** A stream of rows that does not decode. */
export function corruptRows(reason: string): VecportError {
  return new VecportError('corrupt-data', `The server sent rows that do not decode: ${reason}.`, {
    provider: PROVIDER,
  });
}

function verdictOf(error: Error): Verdict | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if ('severity' in error) return serverVerdict(code, error.message);
  if (UNREACHABLE.has(code)) return { code: 'unavailable', advice: 'Check host and port, and that the server runs.' };
  if (TLS_CODES.test(code)) {
    return { code: 'unauthorized', advice: "The server's certificate is not trusted: give its authority as `ca`." };
  }
  return CLIENT_MESSAGES.find(({ pattern }) => pattern.test(error.message));
}

function serverVerdict(state: string, message: string): Verdict {
  if (/row-level security/.test(message)) {
    return {
      code: 'forbidden',
      advice: 'A policy hides rows from this role; reads must be complete: use a role with BYPASSRLS, or the owner.',
    };
  }
  for (const length of [5, 3, 2]) {
    const verdict = SQL_STATES[state.slice(0, length)];
    if (verdict !== undefined) return verdict;
  }
  return { code: 'provider-error' };
}

function sentence(error: Error): string {
  const text = error.message === '' && 'errors' in error ? innerMessages(error.errors) : error.message;
  const detail =
    'severity' in error && 'detail' in error && typeof error.detail === 'string' ? ` (${error.detail})` : '';
  return `PostgreSQL: ${text.replace(/\.$/, '')}${detail}.`;
}

// A host with several addresses is tried at each; what went wrong stands in the inner errors.
function innerMessages(errors: unknown): string {
  const inner: readonly unknown[] = Array.isArray(errors) ? errors : [];
  return inner.map((error) => (types.isNativeError(error) ? error.message : String(error))).join('; ');
}
