import { STATUS_CODES } from 'node:http';
import { type ErrorCode, isVecportError } from '@vecport/abstractions';
import { ZodError } from 'zod';

/** A failed request as `application/problem+json` (RFC 9457) says it. Holds no stack and no secret. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** What happened and what to do next. */
  readonly detail: string;
  readonly code?: ErrorCode | undefined;
  readonly provider?: string | undefined;
  readonly collection?: string | undefined;
  /** Adapters of this application that can do what this one cannot. */
  readonly alternatives?: readonly string[] | undefined;
  /** Adapters that are installed, but not configured, so that it is not known what they can do. */
  readonly unconfigured?: readonly string[] | undefined;
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': 400,
  'not-found': 404,
  'already-exists': 409,
  'dimension-mismatch': 409,
  'not-supported': 501,
  unauthorized: 502,
  forbidden: 502,
  'rate-limited': 503,
  unavailable: 503,
  timeout: 504,
  conflict: 409,
  'corrupt-data': 500,
  'source-changed': 409,
  incomplete: 500,
  storage: 500,
  'provider-error': 502,
  expired: 502,
};

/** A problem with a status and a sentence. */
export function problem(status: number, detail: string, more: Partial<Problem> = {}): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, ...more };
}

/** What a thrown value means to a client. What is not meant for clients becomes a bare 500. */
export function problemOf(error: unknown): Problem {
  if (isVecportError(error)) {
    const { code, reason, advice, provider, collection } = error;
    return problem(STATUS[code], advice === undefined ? reason : `${reason} ${advice}`, { code, provider, collection });
  }
  if (error instanceof ZodError) {
    const detail = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    return problem(400, detail, { code: 'invalid-argument' });
  }
  const status = clientStatus(error);
  return status === undefined
    ? problem(500, 'Something unexpected went wrong; the log says more.')
    : problem(status, 'The request could not be understood.');
}

// Express and its parsers put a status on errors that are the client's fault.
function clientStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
