import { azureDriver } from './azure/azure-driver.js';
import { azureSettings } from './azure/azure-settings.js';
import { gcsDriver } from './gcs/gcs-driver.js';
import { gcsSettings } from './gcs/gcs-settings.js';
import type { ObjectDriver } from './object/object-driver.js';
import { objectStorage } from './object/object-storage.js';
import { DEFAULT_RETRIES } from './object/retry.js';
import { s3Driver } from './s3/s3-driver.js';
import { checkBucket, s3Settings } from './s3/s3-settings.js';
import { readSettings, type Settings, type StorageEnvironment } from './settings/read-settings.js';
import type { ObjectScheme } from './settings/storage-settings.js';
import type { Storage } from './storage.js';
import { StorageError } from './storage-error.js';
import { checkPath } from './storage-path.js';

/** The object store a URL names; see `openStorage`. */
export function openObjectStorage(scheme: ObjectScheme, url: string, environment: StorageEnvironment): Storage {
  const { bucket, prefix, parameters } = partsOfUrl(scheme, url);
  const settings = readSettings(scheme, parameters, environment);
  const retries = settings.count('retries');
  const timeout = settings.count('timeout');
  const policy = {
    ...DEFAULT_RETRIES,
    ...(retries === undefined ? {} : { attempts: retries + 1 }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
  };
  const driver = driverFor(scheme, bucket, settings, policy.timeoutMs);
  return objectStorage(driver, prefix, policy);
}

function driverFor(scheme: ObjectScheme, given: string, settings: Settings, timeoutMs: number): ObjectDriver {
  const bucket = given === '' ? settings.text('bucket') : given;
  if (bucket === undefined) return settings.missing('invalid-path', 'bucket');
  checkBucket(bucket, scheme);
  if (scheme === 'gs') return gcsDriver(gcsSettings(bucket, settings), timeoutMs);
  if (scheme === 'az') return azureDriver(azureSettings(bucket, settings), timeoutMs);
  return s3Driver(s3Settings(scheme, bucket, settings), timeoutMs);
}

interface UrlParts {
  readonly bucket: string;
  /** Empty, or ending in `/`. */
  readonly prefix: string;
  readonly parameters: URLSearchParams;
}

/** `scheme://bucket/prefix?parameters`; the bucket may be empty. */
function partsOfUrl(scheme: ObjectScheme, url: string): UrlParts {
  const [, authority, path = '', query = '', fragment] =
    /^[a-z0-9]+:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(#.*)?$/is.exec(url) ?? [];
  if (authority === undefined) throw badUrl(scheme, `it must begin with ${scheme}://`);
  if (/[@:]/.test(authority)) {
    throw badUrl(scheme, 'what stands before its first / is not a bucket; credentials belong into the environment');
  }
  if (fragment !== undefined) throw badUrl(scheme, 'write # as %23');
  const prefix = decode(scheme, path).replace(/\/$/, '');
  if (prefix !== '') checkPath(prefix);
  return {
    bucket: decode(scheme, authority),
    prefix: prefix === '' ? '' : `${prefix}/`,
    parameters: new URLSearchParams(query),
  };
}

function decode(scheme: ObjectScheme, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw badUrl(scheme, 'a % in it is not followed by two hexadecimal digits of UTF-8; write % as %25', error);
  }
}

function badUrl(scheme: ObjectScheme, reason: string, cause?: unknown): StorageError {
  const text = `The URL is no ${scheme}: URL of a bucket: ${reason}. It looks like ${scheme}://bucket/prefix.`;
  return new StorageError('invalid-path', text, `${scheme}:`, cause);
}
