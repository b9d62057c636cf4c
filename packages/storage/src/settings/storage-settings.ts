/** The schemes of object stores. */
export type ObjectScheme = 's3' | 'r2' | 'supabase' | 'gs' | 'az';

/** One thing that can be set for object stores. */
export interface StorageSetting {
  readonly schemes: readonly ObjectScheme[];
  readonly name: string;
  /** Whether it can stand in the URL, as `?name=value`, which goes before the environment. Secrets cannot. */
  readonly inUrl: boolean;
  /** Environment variables it is taken from: the first that is not empty. */
  readonly variables: readonly string[];
  readonly secret: boolean;
  /** One sentence for people. */
  readonly meaning: string;
}

const S3_LIKE: readonly ObjectScheme[] = ['s3', 'r2', 'supabase'];
const ALL: readonly ObjectScheme[] = [...S3_LIKE, 'gs', 'az'];

function inUrl(schemes: readonly ObjectScheme[], name: string, variables: readonly string[], meaning: string) {
  return { schemes, name, inUrl: true, variables, secret: false, meaning };
}

function fromEnvironment(
  schemes: readonly ObjectScheme[],
  name: string,
  variables: readonly string[],
  meaning: string,
) {
  return { schemes, name, inUrl: false, variables, secret: false, meaning };
}

function secret(schemes: readonly ObjectScheme[], name: string, variables: readonly string[], meaning: string) {
  return { schemes, name, inUrl: false, variables, secret: true, meaning };
}

/** Everything that can be set for object stores, by URL or environment. */
export const STORAGE_SETTINGS: readonly StorageSetting[] = [
  secret(
    ['s3'],
    'access-key-id',
    ['AWS_ACCESS_KEY_ID'],
    'Key of the account. Without it, the default chain of AWS is asked.',
  ),
  secret(['s3'], 'secret-access-key', ['AWS_SECRET_ACCESS_KEY'], 'Secret that belongs to the key.'),
  secret(['s3'], 'session-token', ['AWS_SESSION_TOKEN'], 'Token of temporary credentials.'),
  fromEnvironment(['s3'], 'profile', ['AWS_PROFILE'], 'Section of the configuration files of AWS.'),
  inUrl(
    ['s3'],
    'region',
    ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    'Where the bucket is; `us-east-1` where another endpoint is given.',
  ),
  inUrl(
    ['s3'],
    'endpoint',
    ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
    'URL of a compatible server (MinIO, Ceph and the like).',
  ),

  fromEnvironment(['r2'], 'bucket', ['R2_BUCKET'], 'Bucket of `r2://`, where the URL names none (`r2:///prefix`).'),
  secret(['r2'], 'access-key-id', ['R2_ACCESS_KEY_ID'], 'Key of an API token of R2.'),
  secret(['r2'], 'secret-access-key', ['R2_SECRET_ACCESS_KEY'], 'Secret that belongs to the key.'),
  secret(['r2'], 'session-token', ['R2_SESSION_TOKEN'], 'Token of temporary credentials.'),
  inUrl(['r2'], 'endpoint', ['R2_ENDPOINT'], '`https://ACCOUNT_ID.r2.cloudflarestorage.com`.'),
  inUrl(['r2'], 'region', ['R2_REGION'], '`auto` unless it is set.'),

  fromEnvironment(['supabase'], 'bucket', ['SUPABASE_BUCKET'], 'Bucket of `supabase://`, where the URL names none.'),
  secret(
    ['supabase'],
    'access-key-id',
    ['SUPABASE_S3_ACCESS_KEY_ID'],
    'Key from the storage settings of the project; the project reference with a session token.',
  ),
  secret(
    ['supabase'],
    'secret-access-key',
    ['SUPABASE_S3_SECRET_ACCESS_KEY'],
    'Secret that belongs to the key; the anon key with a session token.',
  ),
  secret(
    ['supabase'],
    'session-token',
    ['SUPABASE_S3_SESSION_TOKEN'],
    'The JWT of a user, whose row level security then holds.',
  ),
  inUrl(['supabase'], 'endpoint', ['SUPABASE_S3_ENDPOINT'], '`https://PROJECT.storage.supabase.co/storage/v1/s3`.'),
  fromEnvironment(
    ['supabase'],
    'project-url',
    ['SUPABASE_URL'],
    'URL of the project: the endpoint is made from it when none is set.',
  ),
  inUrl(['supabase'], 'region', ['SUPABASE_S3_REGION'], 'Region of the project; `us-east-1` unless it is set.'),

  inUrl(
    S3_LIKE,
    'path-style',
    ['VECPORT_S3_PATH_STYLE'],
    '`true`: the bucket stands in the path, not in the host name. So for every endpoint that is given, unless it is `false`.',
  ),
  inUrl(
    S3_LIKE,
    'checksum',
    ['VECPORT_S3_CHECKSUM'],
    'How the server checks what arrives: `crc32` (Amazon), `md5` (all others; every server knows it) or `none`.',
  ),
  inUrl(
    ['s3'],
    'sse',
    ['VECPORT_S3_SSE'],
    'Encryption at rest: `AES256`, `aws:kms` or `aws:kms:dsse`; without it, what the bucket says.',
  ),
  inUrl(['s3'], 'sse-kms-key-id', ['VECPORT_S3_SSE_KMS_KEY_ID'], 'Key of KMS to encrypt with.'),
  inUrl(['s3'], 'storage-class', ['VECPORT_S3_STORAGE_CLASS'], 'For example `STANDARD_IA`; without it, `STANDARD`.'),

  fromEnvironment(
    ['gs'],
    'credentials-file',
    ['GOOGLE_APPLICATION_CREDENTIALS'],
    'Key file of a service account. Without it, the default credentials of Google are looked for.',
  ),
  inUrl(['gs'], 'project', ['GOOGLE_CLOUD_PROJECT'], 'Project that is asked, where the credentials name none.'),
  inUrl(
    ['gs'],
    'endpoint',
    ['VECPORT_GCS_ENDPOINT'],
    'URL of an emulator or a private endpoint. It is asked without credentials unless there is a key file.',
  ),
  inUrl(
    ['gs'],
    'storage-class',
    ['VECPORT_GCS_STORAGE_CLASS'],
    'For example `NEARLINE`; without it, what the bucket says.',
  ),

  secret(
    ['az'],
    'connection-string',
    ['AZURE_STORAGE_CONNECTION_STRING'],
    'Account, key and endpoints in one; goes before all others.',
  ),
  inUrl(['az'], 'account', ['AZURE_STORAGE_ACCOUNT', 'AZURE_STORAGE_ACCOUNT_NAME'], 'Name of the storage account.'),
  secret(['az'], 'account-key', ['AZURE_STORAGE_KEY', 'AZURE_STORAGE_ACCOUNT_KEY'], 'Key of the account.'),
  secret(['az'], 'sas-token', ['AZURE_STORAGE_SAS_TOKEN'], 'Shared access signature, instead of a key.'),
  inUrl(
    ['az'],
    'endpoint',
    ['AZURE_STORAGE_BLOB_ENDPOINT'],
    '`https://ACCOUNT.blob.core.windows.net` unless it is set.',
  ),
  inUrl(
    ['az'],
    'storage-class',
    ['VECPORT_AZURE_ACCESS_TIER'],
    'Access tier, for example `Cool`; without it, what the account says.',
  ),

  inUrl(
    ALL,
    'part-size',
    ['VECPORT_STORAGE_PART_SIZE'],
    'Bytes of a part of an upload, as a number or like `16MiB`; 8 MiB unless it is set.',
  ),
  inUrl(
    ALL,
    'retries',
    ['VECPORT_STORAGE_RETRIES'],
    'How often a request that failed for a passing reason is tried again; 7 unless it is set.',
  ),
  inUrl(ALL, 'timeout', ['VECPORT_STORAGE_TIMEOUT'], 'Seconds a request may stand still; 60 unless it is set.'),
];
