import { type ErrorCode, VecportError } from '@vecport/abstractions';
import { GRPC_STATUS, GrpcError } from '@vecport/wire';
import { PROVIDER } from './config.js';

/** The status message every answer of Milvus begins with. */
export interface MilvusStatus {
  /** Code of Milvus 2.3.2 and later, 0 when all is well. */
  readonly code: number;
  /** Code of older servers, 0 when all is well. */
  readonly legacyCode: number;
  readonly reason: string;
  readonly retriable: boolean;
}

// github.com/milvus-io/milvus/pkg/util/merr/errors.go; 65535 is "anything else".
const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [1, 'unavailable'],
  [2, 'unavailable'],
  [3, 'unavailable'],
  [4, 'rate-limited'],
  [7, 'storage'],
  [8, 'rate-limited'],
  [9, 'forbidden'],
  [10, 'not-supported'],
  [11, 'unavailable'],
  [100, 'not-found'],
  [101, 'not-supported'],
  [103, 'unavailable'],
  [106, 'unavailable'],
  [107, 'conflict'],
  [200, 'not-found'],
  [201, 'not-supported'],
  [503, 'unavailable'],
  [700, 'not-found'],
  [800, 'not-found'],
  [1100, 'invalid-argument'],
  [1101, 'invalid-argument'],
  [1400, 'unauthorized'],
  [1401, 'forbidden'],
]);

// Of servers before 2.3.2, and of those that only fill in the old field.
const LEGACY_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [3, 'forbidden'],
  [4, 'not-found'],
  [5, 'invalid-argument'],
  [28, 'not-found'],
  [48, 'forbidden'],
  [49, 'rate-limited'],
  [53, 'unavailable'],
  [54, 'storage'],
  [55, 'unavailable'],
  [56, 'unavailable'],
  [57, 'unavailable'],
]);

// Milvus-lite 3 writes the old codes into the new field.
const LITE_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [4, 'not-found'],
  [6, 'invalid-argument'],
  [11, 'not-found'],
  [100, 'not-found'],
  [101, 'not-supported'],
  [200, 'not-found'],
  [700, 'not-found'],
]);

const RULES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/already exists?\b|duplicate collection/i, 'already-exists'],
  [/not authenticated|auth check failure|unauthenticated/i, 'unauthorized'],
  [/permission denied|privilege/i, 'forbidden'],
  [/rate limit|too many requests/i, 'rate-limited'],
  [/can'?t find collection|collection not found/i, 'not-found'],
  [/not ready|no available|channel not available|timed? ?out/i, 'unavailable'],
  [/cannot parse expression|invalid parameter|is invalid|exceeds max length|should be in range/i, 'invalid-argument'],
];

const ADVICE: Readonly<Partial<Record<number, string>>> = {
  101: 'Load the collection, or leave the setting load at true.',
};

/** The error that an answer's status is. `lite`: of milvus-lite 3, which numbers errors differently. */
export function statusError(status: MilvusStatus, lite: boolean): VecportError {
  const reason = `Milvus: ${sentence(status.reason === '' ? `error ${status.code || status.legacyCode}` : status.reason)}`;
  return new VecportError(codeOf(status, lite), reason, {
    provider: PROVIDER,
    advice: ADVICE[status.code],
    cause: { code: status.code, errorCode: status.legacyCode },
  });
}

function codeOf(status: MilvusStatus, lite: boolean): ErrorCode {
  const { code, legacyCode, reason } = status;
  if (lite) return LITE_CODES.get(code) ?? byText(reason) ?? 'provider-error';
  const byCode = CODES.get(code) ?? (code === 0 ? LEGACY_CODES.get(legacyCode) : undefined);
  if (byCode !== undefined) return byCode;
  return byText(reason) ?? (status.retriable ? 'unavailable' : 'provider-error');
}

function byText(reason: string): ErrorCode | undefined {
  return RULES.find(([pattern]) => pattern.test(reason))?.[1];
}

const GRPC_CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [GRPC_STATUS.INVALID_ARGUMENT, 'invalid-argument'],
  [GRPC_STATUS.DEADLINE_EXCEEDED, 'timeout'],
  [GRPC_STATUS.NOT_FOUND, 'not-found'],
  [GRPC_STATUS.ALREADY_EXISTS, 'already-exists'],
  [GRPC_STATUS.PERMISSION_DENIED, 'forbidden'],
  [GRPC_STATUS.RESOURCE_EXHAUSTED, 'rate-limited'],
  [GRPC_STATUS.ABORTED, 'conflict'],
  [GRPC_STATUS.UNIMPLEMENTED, 'not-supported'],
  [GRPC_STATUS.UNAVAILABLE, 'unavailable'],
  [GRPC_STATUS.UNAUTHENTICATED, 'unauthorized'],
]);

/** An error of gRPC as ours; anything else (ours, an abort reason, a fault) unchanged. */
export function toVecportError(error: unknown): unknown {
  if (!(error instanceof GrpcError)) return error;
  const tooLarge = error.grpcCode === GRPC_STATUS.RESOURCE_EXHAUSTED && /larger than max/i.test(error.details);
  const code = tooLarge ? 'provider-error' : (GRPC_CODES.get(error.grpcCode) ?? 'provider-error');
  const details =
    /^The pending stream has been canceled \(caused by: (.*)\)$/s.exec(error.details)?.[1] ?? error.details;
  return new VecportError(code, `Milvus: ${sentence(details)}`, {
    provider: PROVIDER,
    advice: code === 'unauthorized' ? 'Check the token.' : undefined,
    retryAfterMs: error.retryAfterMs,
    cause: error,
  });
}

/** An argument that is wrong by itself. */
export function invalidArgument(reason: string, advice?: string): VecportError {
  return new VecportError('invalid-argument', reason, { provider: PROVIDER, advice });
}

/** Something this server, or a collection as it was made, cannot do. */
export function notSupported(reason: string, advice?: string): VecportError {
  return new VecportError('not-supported', reason, { provider: PROVIDER, advice });
}

/** An answer that cannot be true. */
export function lyingAnswer(reason: string, advice?: string): VecportError {
  return new VecportError('provider-error', reason, { provider: PROVIDER, advice });
}

function sentence(text: string): string {
  const first = text.split(/\n/)[0]?.trim() ?? '';
  const short = first.length <= 300 ? first : `${first.slice(0, 300)}…`;
  return /[.!?…]$/.test(short) ? short : `${short === '' ? 'no reason given' : short}.`;
}
