/** An answer that is an error. */
export class GcsError extends Error {
  override readonly name = 'GcsError';
  readonly status: number;
  /** Google's word for it, e.g. `rateLimitExceeded`. */
  readonly reason: string;
  readonly retryAfter: string | undefined;

  constructor(status: number, reason: string, message: string, retryAfter: string | undefined) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}
