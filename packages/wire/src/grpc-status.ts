/** Status codes of gRPC (https://grpc.io/docs/guides/status-codes/). */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A call that did not end with OK, or did not end at all. Adapters turn it into a `VecportError`. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly grpcCode: number;
  /** What the server said. */
  readonly details: string;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(grpcCode: number, details: string, more: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(`gRPC ${grpcCode}: ${details}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.grpcCode = grpcCode;
    this.details = details;
    this.retryAfterMs = more.retryAfterMs;
  }
}
