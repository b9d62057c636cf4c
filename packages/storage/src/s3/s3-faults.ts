import { networkFault, retryAfterMs, statusFault } from '../object/network-fault.js';
import type { Fault } from '../object/object-driver.js';
import type { StorageErrorCode } from '../storage-error.js';
import type { S3Settings } from './s3-settings.js';

interface Meaning {
  readonly code: StorageErrorCode;
  readonly text: string;
  readonly transient?: boolean;
}

const UNKNOWN_KEY: Meaning = {
  code: 'credentials',
  text: 'the store does not accept the access key or its secret. Check the credentials and the endpoint they are for.',
};
const EXPIRED: Meaning = {
  code: 'expired',
  text: 'the session token has expired. Get new credentials and go on.',
};
const WRONG_REGION: Meaning = {
  code: 'invalid-setting',
  text: 'the bucket is in another region. Set the region of the bucket.',
};
const BUSY: Meaning = {
  code: 'unavailable',
  text: 'the store is too busy. Try again later, or with less at the same time.',
  transient: true,
};
const DAMAGED: Meaning = {
  code: 'io',
  text: 'the bytes arrived damaged. Try again.',
  transient: true,
};
const FULL: Meaning = {
  code: 'full',
  text: 'the quota of the store is used up. Free some space or choose another bucket.',
};
const FORBIDDEN: Meaning = {
  code: 'forbidden',
  text: 'these credentials may not do that. Check the policies of the user and of the bucket.',
};

/** Codes of Amazon's errors and of compatible servers, see "Error responses" in the API reference of Amazon S3. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: UNKNOWN_KEY,
  SignatureDoesNotMatch: UNKNOWN_KEY,
  InvalidToken: UNKNOWN_KEY,
  InvalidSecurity: UNKNOWN_KEY,
  Unauthorized: UNKNOWN_KEY,
  CredentialsProviderError: {
    code: 'credentials',
    text: 'no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile of AWS.',
  },
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  // The client sets its clock by the answer, so that the second attempt fits.
  RequestTimeTooSkewed: {
    code: 'credentials',
    text: 'the clock of this computer differs too much from that of the store. Set it.',
    transient: true,
  },
  NoSuchBucket: { code: 'no-bucket', text: 'there is no such bucket. Check its name, or create it.' },
  InvalidBucketName: { code: 'invalid-path', text: 'a bucket cannot have this name. Check it.' },
  KeyTooLongError: { code: 'invalid-path', text: 'the path is too long for the store. Choose a shorter one.' },
  PermanentRedirect: WRONG_REGION,
  TemporaryRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  NoSuchKey: { code: 'not-found', text: 'there is no such object. Check the path.' },
  NoSuchUpload: {
    code: 'io',
    text: 'the upload was removed meanwhile, by somebody or by a lifecycle rule. Write it again.',
  },
  PreconditionFailed: { code: 'io', text: 'it changed meanwhile. Try again.' },
  ConditionalRequestConflict: { code: 'io', text: 'it is being changed by somebody else.', transient: true },
  OperationAborted: BUSY,
  SlowDown: BUSY,
  ServiceUnavailable: BUSY,
  Throttling: BUSY,
  ThrottlingException: BUSY,
  TooManyRequests: BUSY,
  RequestLimitExceeded: BUSY,
  InternalError: { code: 'unavailable', text: 'the store failed. Try again later.', transient: true },
  BadDigest: DAMAGED,
  IncompleteBody: DAMAGED,
  XAmzContentChecksumMismatch: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  ServiceQuotaExceeded: FULL,
  EntityTooLarge: { code: 'full', text: 'the store does not take objects of this size. Write smaller files.' },
  InvalidObjectState: { code: 'io', text: 'the object is archived. Restore it first.' },
  NotImplemented: {
    code: 'invalid-setting',
    text: 'the server does not know something that was asked of it. Try checksum=md5, and leave out sse and storage-class.',
  },
};

/** What an error of Amazon's client means; see `ObjectDriver.explain`. */
export function explainS3(error: unknown, { endpoint, region }: Pick<S3Settings, 'endpoint' | 'region'>): Fault {
  const { name, message, status, retryAfter } = partsOf(error);
  const waits = retryAfter === undefined ? {} : { retryAfterMs: retryAfter };
  if (name === 'CredentialsProviderError' && /expired/i.test(message)) {
    return { code: 'expired', text: 'the login has expired. Run: aws sso login', transient: false };
  }
  const known = MEANINGS[name];
  if (known !== undefined) return { code: known.code, text: known.text, transient: known.transient ?? false, ...waits };
  if (/^region is missing/i.test(message)) {
    return { code: 'invalid-setting', text: 'no region is set. Set AWS_REGION or ?region=.', transient: false };
  }
  if (status === 403 || name === 'AccessDenied')
    return { ...FORBIDDEN, text: withDetail(FORBIDDEN.text, message), transient: false };
  if (status === 401) return { ...UNKNOWN_KEY, transient: false };
  if (status === 507) return { ...FULL, transient: false };
  if (status === 301 || status === 307) return { ...WRONG_REGION, transient: false };
  const byStatus = statusFault(status);
  if (byStatus !== undefined) return { ...byStatus, ...waits };
  const network = networkFault(error, endpoint ?? `Amazon S3 (${region ?? 'default region'})`);
  return network ?? { code: 'io', text: withDetail(`the store refused (${name}).`, message), transient: false };
}

/** The name of an error of S3, empty for anything else. */
export function s3ErrorName(error: unknown): string {
  return partsOf(error).name;
}

/** The HTTP status of an answer that was an error. */
export function s3ErrorStatus(error: unknown): number | undefined {
  return partsOf(error).status;
}

interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
}

function partsOf(error: unknown): ErrorParts {
  if (typeof error !== 'object' || error === null)
    return { name: '', message: '', status: undefined, retryAfter: undefined };
  const { name, message, $metadata, $response } = error as {
    name?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number; headers?: Record<string, string> };
  };
  return {
    name: typeof name === 'string' ? name : '',
    message: typeof message === 'string' ? message : '',
    status: $metadata?.httpStatusCode ?? $response?.statusCode,
    retryAfter: retryAfterMs($response?.headers?.['retry-after']),
  };
}

function withDetail(text: string, message: string): string {
  const detail = message.trim().replaceAll(/\s+/g, ' ').slice(0, 300);
  return detail === '' || /^Unknown/.test(detail) ? text : `${text} The store says: ${detail}`;
}
