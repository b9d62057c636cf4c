import { PROBLEMS, type Problem, type ProblemCode } from '../contract/problem-schema.js';

/** What else is said of a problem. */
export interface ProblemDetails {
  /** What is wrong where in the request. */
  readonly errors?: Problem['errors'];
  /** Adapters that are known to do what this one does not. */
  readonly alternatives?: Problem['alternatives'];
  /** Seconds after which to try again. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A request that cannot be done, with the answer it gets. The message is for the client: no stack and no secret. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly errors: Problem['errors'];
  readonly alternatives: Problem['alternatives'];
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, detail: string, { errors, alternatives, retryAfter, cause }: ProblemDetails = {}) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = PROBLEMS[code].status;
    this.errors = errors;
    this.alternatives = alternatives;
    this.retryAfter = retryAfter;
  }
}

/** The answer to a problem. */
export function problemBody({ code, message, errors, alternatives }: ProblemError, requestId?: string): Problem {
  return {
    type: `urn:vecport:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail: message,
    code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errors === undefined ? {} : { errors }),
    ...(alternatives === undefined ? {} : { alternatives }),
  };
}
