import { withVecportErrors } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { type BackendName, idSchema, type Location } from '../contract/names.js';
import { ProblemError } from '../problems/problem-error.js';
import { type Backend, SCHEMES } from './backend.js';

/** Where one dataset lies. Plain data. */
export interface DatasetAddress {
  readonly backend: BackendName;
  readonly bucket?: string | undefined;
  /** Without a slash at either end; empty for the root. */
  readonly folder: string;
  readonly id: string;
}

/** The places that are allowed. */
export interface Backends {
  readonly names: readonly BackendName[];
  /**
   * Where a dataset of a request lies.
   * @throws ProblemError `backend-not-available`, `authorization-failed` for a bucket that is not allowed, whether there
   * is one or not.
   */
  address(backend: BackendName, location: Location | undefined, id: string): DatasetAddress;
  /** The storage of a dataset, throwing VecportErrors. @throws ProblemError as `address` does. */
  open(address: DatasetAddress): Promise<Storage>;
  /** Where other machines find a dataset; `undefined` where they cannot. */
  url(address: DatasetAddress): string | undefined;
  /** A message without what clients must not see. */
  scrub(text: string): string;
}

/** The given backends, each once. */
export function createBackends(list: readonly Backend[]): Backends {
  const known = new Map(list.map((backend) => [backend.name, backend]));
  const find = (name: BackendName): Backend => {
    const backend = known.get(name);
    if (backend !== undefined) return backend;
    throw new ProblemError('backend-not-available', `The backend ${name} is not configured here.`);
  };
  return {
    names: [...known.keys()],
    address: (name, location = {}, id) => ({
      backend: name,
      bucket: bucketOf(find(name), location.bucket),
      folder: (location.path ?? '').replace(/\/$/, ''),
      id,
    }),
    open: async (address) => {
      const { backend, bucket, folder, id } = address;
      // An id may come from a manifest, which anybody may have written.
      if (!idSchema.safeParse(id).success) throw new ProblemError('invalid-request', 'The dataset has no usable id.');
      const found = find(backend);
      checkBucket(found, bucket);
      return withVecportErrors(await found.open(bucket, folder === '' ? id : `${folder}/${id}`));
    },
    url: ({ backend, bucket, folder, id }) => find(backend).url?.(bucket, folder === '' ? id : `${folder}/${id}`),
    scrub: (text) =>
      list.reduce((kept, { hidden = [], name }) => hidden.reduce((t, part) => t.replaceAll(part, name), kept), text),
  };
}

/** A dataset's place as clients see it, ending in a slash, e.g. `s3://bucket/exports/monday/`. */
export function shownPath({ backend, bucket = '', folder, id }: DatasetAddress): string {
  return `${SCHEMES[backend]}://${[bucket, folder, id].filter((part, n) => n === 0 || part !== '').join('/')}/`;
}

function bucketOf(backend: Backend, asked: string | undefined): string | undefined {
  if (backend.buckets === undefined && asked !== undefined) {
    throw new ProblemError('invalid-request', `The backend ${backend.name} has no buckets; leave config.bucket out.`);
  }
  if (asked === undefined && backend.buckets !== undefined && backend.buckets.length !== 1) {
    throw new ProblemError('invalid-request', 'Name the bucket in config.bucket.');
  }
  const bucket = asked ?? backend.buckets?.[0];
  checkBucket(backend, bucket);
  return bucket;
}

function checkBucket({ buckets }: Backend, bucket: string | undefined): void {
  if (buckets === undefined || (bucket !== undefined && buckets.includes(bucket))) return;
  throw new ProblemError('authorization-failed', 'The bucket is not among those this service may use.');
}
