import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { importClient } from '../object/import-client.js';
import type { S3Settings } from './s3-settings.js';

/** The package of Amazon's client, as far as it is used. */
type S3Sdk = typeof Sdk;

/** The client with the classes of its requests. */
export interface S3Connection {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  /** When the store gave an answer, by its own clock; `undefined` where it did not say. */
  answeredAt(output: object): number | undefined;
}

/** How long it may take until a connection stands. */
const CONNECT_MS = 10_000;

/**
 * Load the client and set it up. Its own retries are off: ours are the same for all stores, and can be broken off.
 * @throws StorageError `not-installed`.
 */
export async function connectS3(settings: S3Settings, timeoutMs: number): Promise<S3Connection> {
  const sdk = await importClient('@aws-sdk/client-s3', async () => import('@aws-sdk/client-s3'));
  const client = new sdk.S3Client(clientConfig(settings, timeoutMs));
  return { sdk, client, answeredAt: rememberDates(client) };
}

/** The client keeps no headers: those of each answer are looked at when it is turned into an output. */
function rememberDates(client: S3Client): S3Connection['answeredAt'] {
  const dates = new WeakMap<object, number>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      const at = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(at) && result.output !== undefined) dates.set(result.output, at);
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'rememberDates' },
  );
  return (output) => dates.get(output);
}

function clientConfig(settings: S3Settings, timeoutMs: number): S3ClientConfig {
  const { endpoint, region, credentials, profile, pathStyle, checksum } = settings;
  const calculation = checksum === 'crc32' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
  return {
    maxAttempts: 1,
    forcePathStyle: pathStyle,
    requestChecksumCalculation: calculation,
    responseChecksumValidation: calculation,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, timeoutMs),
      socketTimeout: timeoutMs,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50 },
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKeyId,
            secretAccessKey: credentials.secretAccessKey,
            ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
          },
        }),
  };
}
