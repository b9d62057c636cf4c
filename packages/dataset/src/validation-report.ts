import type { ContentDigest } from './manifest.js';

/** What can be wrong with a dataset. */
export type ProblemCode =
  /** The manifest names a part that is not there. */
  | 'missing-part'
  /** A part has another size than the manifest says. */
  | 'wrong-size'
  /** The bytes of a part are not those that were written. */
  | 'wrong-checksum'
  /** A part with the right checksum that does not decode, or holds metadata that is not JSON. */
  | 'unreadable-part'
  /** A part has another number of rows than the manifest says. */
  | 'wrong-rows'
  /** A vector has a name, kind or dimension that the collection's description does not have. */
  | 'wrong-vector'
  /** An id is of no kind that the description names. */
  | 'wrong-id-kind'
  /** The smallest or largest id of a part is not the one the manifest says. */
  | 'wrong-id-range'
  /** The records of a part are not those that the manifest says. */
  | 'wrong-digest'
  /** Two points of one collection and tenant have the same id. */
  | 'duplicate-id'
  /** Counts or digest of a collection are not the sum of its parts. */
  | 'wrong-total'
  /** `schema.json` is missing or says something else than the manifest. */
  | 'wrong-description'
  /** A part that the manifest does not name: files of two exports may be mixed. */
  | 'extra-part';

/** One thing that is wrong with a dataset. */
export interface DatasetProblem {
  readonly code: ProblemCode;
  /** The file it was found in, relative to the dataset. */
  readonly path: string;
  /** One sentence for people, which names the file. */
  readonly message: string;
}

/** What reading a whole dataset and checking every claim of its manifest gave. */
export interface ValidationReport {
  /** There are no problems. */
  readonly ok: boolean;
  /** By collection and part. */
  readonly problems: readonly DatasetProblem[];
  /** Rows and bytes of the parts that could be read. */
  readonly rows: number;
  readonly bytes: number;
  /** Of the records that could be read, over all collections. */
  readonly digest: ContentDigest;
}

/** How far a validation is, told after every batch. Counts are of the collection named. */
export interface ValidationProgress {
  readonly collection: string;
  /** The part being read. */
  readonly path: string;
  readonly rows: number;
  readonly total: number;
  /** Bytes of parts that were read to their end. */
  readonly bytes: number;
}

/** How a validation is done. */
export interface ValidationOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ValidationProgress) => void) | undefined;
}
