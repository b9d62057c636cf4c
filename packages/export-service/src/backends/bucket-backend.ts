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

/** Datasets in buckets. Requests name a bucket of the list, and never an endpoint. */
export function bucketBackend({ name, buckets, settings = {}, environment }: BucketOptions): Backend {
  const query = new URLSearchParams(settings).toString();
  return {
    name,
    buckets,
    open: async (bucket = '', folder) =>
      openStorage(`${SCHEMES[name]}://${bucket}/${folder}${query === '' ? '' : `?${query}`}`, { environment }),
  };
}
