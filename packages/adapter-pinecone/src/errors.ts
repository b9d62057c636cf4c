import { type ErrorCode, isVecportError, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

/** An answer that is no success, as far as it tells what went wrong. */
export interface RefusedAnswer {
  readonly status: number;
  readonly body: string;
  /** The header `retry-after`. */
  readonly retryAfter: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly advice?: string;
}

const MEANINGS: Readonly<Record<number, Meaning>> = {
  400: { code: 'invalid-argument' },
  401: { code: 'unauthorized', advice: 'Check PINECONE_API_KEY.' },
  402: { code: 'forbidden', advice: 'Check the billing of the Pinecone organisation.' },
  403: { code: 'forbidden', advice: 'Check the permissions of the API key, quotas, and deletion protection.' },
  404: { code: 'not-found' },
  405: { code: 'not-supported' },
  408: { code: 'timeout' },
  409: { code: 'already-exists' },
  412: { code: 'conflict' },
  413: { code: 'invalid-argument' },
  414: { code: 'invalid-argument' },
  422: { code: 'invalid-argument' },
  429: { code: 'rate-limited', advice: 'Lower requestsPerSecond, or ask Pinecone for a higher limit.' },
  431: { code: 'invalid-argument' },
  501: { code: 'not-supported' },
};

/** The error an answer stands for. The answer's own message is in it. */
export function answerError({ status, body, retryAfter }: RefusedAnswer): VecportError {
  const { code, advice } = MEANINGS[status] ?? { code: status >= 500 ? 'unavailable' : 'provider-error' };
  return new VecportError(code, `Pinecone answered ${status}: ${messageOf(body)}`, {
    provider: PROVIDER,
    advice,
    retryAfterMs: retryAfter === undefined ? undefined : milliseconds(retryAfter),
  });
}

/**
 * What a request threw, classified: no answer in time is `timeout`, a connection that is refused or lost is
 * `unavailable`. Errors of ours, and what is no error of a connection, are returned unchanged.
 */
export function connectionError(error: unknown, origin: string): unknown {
  if (isVecportError(error)) return error;
  const causes = causesOf(error);
  if (
    causes.some(
      ({ name, code }) => name === 'TimeoutError' || code?.endsWith('_TIMEOUT') === true || code === 'ETIMEDOUT',
    )
  ) {
    return new VecportError('timeout', `Pinecone did not answer in time (${origin}).`, {
      provider: PROVIDER,
      cause: error,
    });
  }
  if (
    causes.some(({ code, message }) => code !== undefined || /fetch failed|terminated|other side closed/.test(message))
  ) {
    return new VecportError('unavailable', `There is no connection to Pinecone (${origin}).`, {
      provider: PROVIDER,
      advice: 'Check the network and the hosts in the settings; https://status.pinecone.io tells of outages.',
      cause: error,
    });
  }
  return error;
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something Pinecone, or an index as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** An answer that breaks what Pinecone promises. */
export function brokenPromise(reason: string): VecportError {
  return new VecportError('provider-error', reason, {
    provider: PROVIDER,
    advice: 'Nothing was left out silently: read again, and report it to Pinecone if it comes again.',
  });
}

/** Whether an error of ours has this code. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return isVecportError(error) && codes.includes(error.code);
}

function messageOf(body: string): string {
  const text = parsedMessage(body) ?? body.trim();
  if (text === '') return 'no reason given.';
  const short = text.length > 500 ? `${text.slice(0, 500)}…` : text;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

// The control plane nests its message, the data plane does not; the layer before both answers in plain text.
function parsedMessage(body: string): string | undefined {
  try {
    const { message, error } = JSON.parse(body) as { message?: unknown; error?: { message?: unknown } };
    const found = error?.message ?? message;
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

function milliseconds(retryAfter: string): number | undefined {
  const wait = /^\d+(?:\.\d+)?$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

interface Cause {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
}

// Errors of another realm are no instances of this one's Error.
function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  for (
    let at = error;
    typeof at === 'object' && at !== null && causes.length < 8;
    at = 'cause' in at ? at.cause : undefined
  ) {
    const { name, code, message } = at as { name?: unknown; code?: unknown; message?: unknown };
    causes.push({ name: String(name), code: typeof code === 'string' ? code : undefined, message: String(message) });
  }
  return causes;
}
