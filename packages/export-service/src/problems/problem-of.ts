import { type ErrorCode, isVecportError } from '@vecport/abstractions';
import { ZodError } from 'zod';
import type { ProblemCode } from '../contract/problem-schema.js';
import { isStorageError } from './is-storage-error.js';
import { ProblemError } from './problem-error.js';

/** What an error of the engine means to a client that started something with a store. */
const CODES: Readonly<Partial<Record<ErrorCode, ProblemCode>>> = {
  'invalid-argument': 'invalid-request',
  'not-supported': 'not-supported',
  unauthorized: 'source-not-available',
  forbidden: 'source-not-available',
  'rate-limited': 'source-not-available',
  unavailable: 'source-not-available',
  timeout: 'source-not-available',
  conflict: 'export-already-in-progress',
  storage: 'write-to-backend-failed',
};

/** What a thrown value means to a client. What is not meant for clients becomes a bare `internal-error`, with its cause. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof ZodError) return invalidRequest(error);
  if (isVecportError(error)) {
    const code = CODES[error.code];
    if (code !== undefined) return new ProblemError(code, error.reason, { cause: error });
  }
  const status = clientStatus(error);
  if (status === 413) return new ProblemError('payload-too-large', 'The body of the request is too large.');
  if (status === 415) return new ProblemError('unsupported-media-type', 'Send JSON in UTF-8, not compressed.');
  if (status !== undefined) return new ProblemError('invalid-request', 'The request could not be understood.');
  return new ProblemError('internal-error', 'Something unexpected went wrong; the log says more.', { cause: error });
}

/** A request that does not keep to its schema, with every place that is wrong. */
function invalidRequest({ issues }: Pick<ZodError, 'issues'>): ProblemError {
  const errors = issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new ProblemError('invalid-request', `${detail}.`, { errors });
}

/** What went wrong in a job, as its status says it: one sentence, without secrets; what is unexpected stays in the log. */
export function jobFailure(error: unknown): string {
  if (error instanceof ProblemError) return error.message;
  if (isStorageError(error)) return `write to backend failed: ${error.message}`;
  if (!isVecportError(error)) return 'Something unexpected went wrong; the log says more.';
  if (error.code === 'storage') return `write to backend failed: ${error.reason}`;
  return error.reason;
}

// Express and its parsers put a status on errors that are the client's fault.
function clientStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
