import type { Problem, ProblemCode } from './types.js';

/** The service answered that a request cannot be done. */
export class ExportServiceError extends Error {
  override readonly name = 'ExportServiceError';
  /** The HTTP status. */
  readonly status: number;
  /** `undefined` for an answer that is not of this service, e.g. of a proxy before it. */
  readonly code: ProblemCode | undefined;
  readonly problem: Problem | undefined;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfterMs?: number) {
    super(problem?.detail ?? `The service answered with status ${status}.`);
    this.status = status;
    this.code = problem?.code;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}
