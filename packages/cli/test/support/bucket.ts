import { randomBytes } from 'node:crypto';
import { openStorage, type Storage } from '@vecport/storage';
import { serverAccess, serverUrl } from '@vecport/testkit';

/** The object stores that are tested, by the names of their servers. */
export const BUCKET_SERVERS = ['s3', 'r2', 'gcs', 'azure'] as const;

/** One of {@link BUCKET_SERVERS}. */
export type BucketServer = (typeof BUCKET_SERVERS)[number];

/** A folder of a test's own in the bucket of a server. */
export interface TestBucket {
  /** URL of a folder or dataset below the test's own. */
  url(path?: string): string;
  /** Variables with the credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** Address of the server. */
  readonly origin: string;
  /** The same folder behind another address, e.g. that of a proxy. */
  behind(origin: string): TestBucket;
  /** The same place in a bucket that does not exist. */
  missing(): TestBucket;
  /** With other credentials, if the server knows any. */
  wrong(): TestBucket;
  storage(): Storage;
  /** Paths of all objects in the folder. */
  paths(): Promise<readonly string[]>;
  clear(): Promise<void>;
}

/** A new folder in the bucket of a server that `npm run servers` has started. */
export function testBucket(name: BucketServer): TestBucket {
  const env = serverAccess(name);
  return bucketAt({ url: serverUrl(name), env, folder: `test-${randomBytes(6).toString('hex')}` });
}

interface BucketAt {
  /** Of the bucket, with its parameters. */
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

function bucketAt(at: BucketAt): TestBucket {
  const { env, folder } = at;
  const [head = '', query] = at.url.split('?');
  const urlOf = (path = ''): string => `${head}/${folder}/${path}${query === undefined ? '' : `?${query}`}`;
  const endpoint = new URLSearchParams(query).get('endpoint') ?? env['R2_ENDPOINT'] ?? '';
  const origin = new URL(endpoint).origin;
  const storage = (): Storage => openStorage(urlOf(), { environment: env });
  return {
    url: urlOf,
    env,
    origin,
    behind: (other) =>
      bucketAt({
        ...at,
        url: at.url.replace(origin, other),
        env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace(origin, other)])),
      }),
    missing: () => bucketAt({ ...at, url: at.url.replace('://vecport', '://no-such-bucket') }),
    wrong: () => bucketAt({ ...at, env: { ...env, ...wrongSecrets(env) } }),
    storage,
    paths: async () => (await Array.fromAsync(storage().list(''))).map(({ path }) => path),
    clear: async () => {
      for await (const { path } of storage().list('')) await storage().delete(path);
    },
  };
}

function wrongSecrets(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const secrets = Object.keys(env).filter((name) => /SECRET|_KEY$/.test(name));
  return Object.fromEntries(secrets.map((name) => [name, Buffer.from('not the secret of it').toString('base64')]));
}
