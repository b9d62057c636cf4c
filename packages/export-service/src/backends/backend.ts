import type { Storage } from '@vecport/storage';
import type { BackendName } from '../contract/names.js';

/** A place the operator allows datasets to be written to and read from. */
export interface Backend {
  readonly name: BackendName;
  /** The buckets that may be named; the only one is used when none is. Absent where there are none. */
  readonly buckets?: readonly string[] | undefined;
  /**
   * The storage of a folder of it. Both arguments were checked: the bucket is one of `buckets`, the folder relative and
   * without dots. @throws StorageError, ProblemError.
   */
  open(bucket: string | undefined, folder: string): Promise<Storage>;
  /** The URL by which other machines open what `open` does; without secrets. Absent where they cannot. */
  url?(bucket: string | undefined, folder: string): string;
  /** What of a message must not be shown to clients, e.g. the path of the root: replaced by its name. */
  readonly hidden?: readonly string[] | undefined;
}

/** The scheme a backend is shown with. */
export const SCHEMES: Readonly<Record<BackendName, string>> = {
  filesystem: 'filesystem',
  s3: 's3',
  gcs: 'gs',
  azure: 'az',
  r2: 'r2',
  supabase: 'supabase',
};
