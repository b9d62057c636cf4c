import type { Settings } from '../settings/read-settings.js';
import { StorageError } from '../storage-error.js';

/** How the bytes of a request are proven to the store: by a CRC-32 header, by `Content-MD5`, or not at all. */
type S3Checksum = 'crc32' | 'md5' | 'none';

/** Everything that is known of a bucket behind the S3 protocol before it is asked. */
export interface S3Settings {
  readonly kind: 's3' | 'r2' | 'supabase';
  readonly bucket: string;
  /** `undefined` for Amazon's own. */
  readonly endpoint: string | undefined;
  /** `undefined` for what Amazon's configuration files say. */
  readonly region: string | undefined;
  /** `undefined` for Amazon's default chain. */
  readonly credentials: S3Credentials | undefined;
  readonly profile: string | undefined;
  readonly pathStyle: boolean;
  readonly checksum: S3Checksum;
  readonly encryption: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly storageClass: string | undefined;
  readonly partSize: number;
}

/** What requests are signed with. */
interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** @throws StorageError `invalid-setting`, or `credentials` where there are none and nowhere else to look. */
export function s3Settings(kind: S3Settings['kind'], bucket: string, settings: Settings): S3Settings {
  const endpoint = endpointOf(kind, settings);
  return {
    kind,
    bucket,
    endpoint,
    region: settings.text('region') ?? defaultRegion(kind, endpoint),
    credentials: credentialsOf(kind, settings),
    profile: settings.text('profile'),
    pathStyle: settings.flag('path-style') ?? endpoint !== undefined,
    checksum: settings.choice('checksum', CHECKSUMS) ?? (isAmazon(endpoint) ? 'crc32' : 'md5'),
    encryption: settings.choice('sse', ENCRYPTIONS),
    kmsKeyId: settings.text('sse-kms-key-id'),
    storageClass: settings.text('storage-class'),
    partSize: settings.partSize(),
  };
}

const CHECKSUMS = ['crc32', 'md5', 'none'] as const;
const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'] as const;

function endpointOf(kind: S3Settings['kind'], settings: Settings): string | undefined {
  const given = settings.endpoint();
  if (kind === 's3' || given !== undefined) return given;
  if (kind === 'r2')
    return settings.missing('invalid-setting', 'endpoint', 'https://ACCOUNT_ID.r2.cloudflarestorage.com');
  const project = settings.text('project-url');
  if (project === undefined)
    return settings.missing('invalid-setting', 'endpoint', 'https://PROJECT.supabase.co/storage/v1/s3');
  return `${project.replace(/\/+$/, '')}/storage/v1/s3`;
}

/** What the services take where nothing else is said: R2 knows `auto`, the others that are not Amazon ignore it. */
function defaultRegion(kind: S3Settings['kind'], endpoint: string | undefined): string | undefined {
  if (kind === 'r2') return 'auto';
  return endpoint === undefined ? undefined : 'us-east-1';
}

function credentialsOf(kind: S3Settings['kind'], settings: Settings): S3Credentials | undefined {
  const accessKeyId = settings.text('access-key-id');
  const secretAccessKey = settings.text('secret-access-key');
  const sessionToken = settings.text('session-token');
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey, sessionToken };
  if (kind === 's3' && accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  return settings.missing('credentials', accessKeyId === undefined ? 'access-key-id' : 'secret-access-key');
}

function isAmazon(endpoint: string | undefined): boolean {
  return endpoint === undefined || /\.amazonaws\.com(?:\.cn)?$/.test(new URL(endpoint).hostname);
}

/** @throws StorageError `invalid-path` unless it can be the name of a bucket. */
export function checkBucket(bucket: string, scheme: string): void {
  if (/^[A-Za-z0-9$][A-Za-z0-9._-]{1,221}$/.test(bucket)) return;
  const text = `${scheme}://${encodeURIComponent(bucket)}/ names no bucket: a name has letters, digits, "-", "_" and ".".`;
  throw new StorageError('invalid-path', text, `${scheme}:`);
}
