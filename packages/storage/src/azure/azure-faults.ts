import { networkFault, retryAfterMs, statusFault } from '../object/network-fault.js';
import type { Fault } from '../object/object-driver.js';
import type { StorageErrorCode } from '../storage-error.js';

interface Meaning {
  readonly code: StorageErrorCode;
  readonly text: string;
  readonly transient?: boolean;
}

const UNKNOWN_KEY: Meaning = {
  code: 'credentials',
  text: 'the store does not accept the credentials. Check the account, its key or the shared access signature.',
};
const EXPIRED: Meaning = {
  code: 'expired',
  text: 'the shared access signature or token has expired, or is not valid yet. Get a new one and go on.',
};
const FORBIDDEN: Meaning = {
  code: 'forbidden',
  text: 'these credentials may not do that. Give them the role Storage Blob Data Contributor, or the permissions racwdl.',
};
const NO_CONTAINER: Meaning = {
  code: 'no-bucket',
  text: 'there is no such container. Check its name, or create it.',
};
const BUSY: Meaning = {
  code: 'unavailable',
  text: 'the store is too busy. Try again later, or with less at the same time.',
  transient: true,
};

/** Codes of Blob Storage, see "Blob Storage error codes" and "Common REST API error codes" in its reference. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  AuthenticationFailed: UNKNOWN_KEY,
  InvalidAuthenticationInfo: UNKNOWN_KEY,
  NoAuthenticationInformation: UNKNOWN_KEY,
  AuthorizationFailure: FORBIDDEN,
  AuthorizationPermissionMismatch: FORBIDDEN,
  AuthorizationServiceMismatch: FORBIDDEN,
  AuthorizationResourceTypeMismatch: FORBIDDEN,
  AuthorizationProtocolMismatch: FORBIDDEN,
  AuthorizationSourceIPMismatch: FORBIDDEN,
  InsufficientAccountPermissions: FORBIDDEN,
  KeyBasedAuthenticationNotPermitted: FORBIDDEN,
  AccountIsDisabled: { code: 'forbidden', text: 'the storage account is disabled. Enable it.' },
  ContainerNotFound: NO_CONTAINER,
  ContainerBeingDeleted: NO_CONTAINER,
  ContainerDisabled: NO_CONTAINER,
  BlobNotFound: { code: 'not-found', text: 'there is no such blob. Check the path.' },
  ConditionNotMet: { code: 'io', text: 'it changed meanwhile. Try again.' },
  InvalidBlockList: {
    code: 'io',
    text: 'another writer has finished the same blob meanwhile, which drops the parts of all others. Write it again.',
  },
  BlobImmutableDueToPolicy: { code: 'forbidden', text: 'a policy of the container forbids to change it.' },
  BlobArchived: { code: 'io', text: 'the blob is archived. Restore it first.' },
  RequestBodyTooLarge: { code: 'full', text: 'the store does not take blobs of this size. Write smaller files.' },
  BlockCountExceedsLimit: { code: 'full', text: 'the blob has too many parts. Give a larger part-size.' },
  Md5Mismatch: { code: 'io', text: 'the bytes arrived damaged. Try again.', transient: true },
  Crc64Mismatch: { code: 'io', text: 'the bytes arrived damaged. Try again.', transient: true },
  ServerBusy: BUSY,
  OperationTimedOut: BUSY,
  // The caller's own signal is looked at before: this is the connection.
  AbortError: { code: 'unavailable', text: 'the connection broke. Check the network and try again.', transient: true },
  InternalError: { code: 'unavailable', text: 'the store failed. Try again later.', transient: true },
};

/** What an error of Azure's client means; see `ObjectDriver.explain`. */
export function explainAzure(error: unknown, endpoint: string): Fault {
  const { code, status, message, retryAfter } = partsOf(error);
  const waits = { retryAfterMs: retryAfterMs(retryAfter) };
  if (/not valid in the specified time frame|token is expired|Lifetime validation failed/i.test(message)) {
    return { ...EXPIRED, transient: false };
  }
  if (/failed to authenticate/i.test(message)) return { ...UNKNOWN_KEY, transient: false };
  const known = MEANINGS[code];
  if (known !== undefined) return { ...known, transient: known.transient ?? false, ...waits };
  if (status === 401) return { ...UNKNOWN_KEY, transient: false };
  if (status === 403) return { ...FORBIDDEN, transient: false };
  const byStatus = statusFault(status);
  if (byStatus !== undefined) return { ...byStatus, ...waits };
  const network = networkFault(error, endpoint);
  if (network !== undefined) return network;
  if (/CredentialUnavailable|AuthenticationError|AuthenticationRequired/.test(code)) {
    const text = 'no credentials were found. Set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or run: az login';
    return { code: 'credentials', text, transient: false };
  }
  const detail = message.split('\n')[0]?.slice(0, 300) ?? '';
  return {
    code: 'io',
    text: `the store refused (${code || `HTTP ${status}`}). Azure says: ${detail}`,
    transient: false,
  };
}

/** The code of an answer that was an error, empty for anything else. */
export function azureErrorCode(error: unknown): string {
  return partsOf(error).code;
}

/** The HTTP status of an answer that was an error. */
export function azureErrorStatus(error: unknown): number | undefined {
  return partsOf(error).status;
}

interface ErrorParts {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
  readonly retryAfter: string | undefined;
}

function partsOf(error: unknown): ErrorParts {
  const { name, code, statusCode, message, details, response } = (error ?? {}) as {
    name?: string;
    code?: string;
    statusCode?: number;
    message?: string;
    details?: { errorCode?: string; authenticationErrorDetail?: string };
    response?: { headers?: { get(name: string): string | undefined } };
  };
  // The answer to HEAD has no body: the code stands in a header.
  const inHeader = response?.headers?.get('x-ms-error-code');
  const text = [message, details?.authenticationErrorDetail].filter((part) => typeof part === 'string').join(' ');
  return {
    code: inHeader ?? details?.errorCode ?? code ?? name ?? '',
    status: statusCode,
    message: text,
    retryAfter: response?.headers?.get('retry-after'),
  };
}
