import { openStorage } from '@vecport/storage';
import type { BackendName } from '../contract/names.js';
import { type Backend, SCHEMES } from './backend.js';

/** Buckets of one object store. */
export interface BucketOptions {
  readonly name: Exclude<BackendName, 'filesystem'>;
  /** Those that may be used. */
  readonly buckets: readonly string[];
  /** Settings of the store that are no secrets, as a storage URL has them after the question mark, e.g. `endpoint`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Where credentials and other settings are looked for; `process.env` if not said. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

const CREDENTIAL = /KEY|SECRET|TOKEN|CREDENTIALS|PASSWORD|CONNECTION_STRING/;
/** Shorter texts are no credentials, and stand in messages by chance. */
const SHORTEST_HIDDEN = 8;

/**
 * Datasets in buckets. Requests name a bucket of the list, and never an endpoint. Credentials, and the paths of
 * their files, are hidden from clients.
 */
export function bucketBackend({ name, buckets, settings = {}, environment }: BucketOptions): Backend {
  const query = new URLSearchParams(settings).toString();
  const urlOf = (bucket = '', folder: string): string =>
    `${SCHEMES[name]}://${bucket}/${folder}${query === '' ? '' : `?${query}`}`;
  return {
    name,
    buckets,
    hidden: credentialsIn(environment ?? process.env),
    url: urlOf,
    open: async (bucket, folder) => openStorage(urlOf(bucket, folder), { environment }),
  };
}

function credentialsIn(environment: NonNullable<BucketOptions['environment']>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value = '']) =>
    CREDENTIAL.test(name) && value.length >= SHORTEST_HIDDEN ? [value] : [],
  );
}
