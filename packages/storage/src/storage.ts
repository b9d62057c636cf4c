/** What every call can be given. */
export interface StorageOptions {
  /** Honoured before and between requests; the abort reason is thrown unwrapped. */
  readonly signal?: AbortSignal | undefined;
}

/** A file or object. */
export interface StorageEntry {
  /** Relative to the storage's root, with `/` between folders, never starting with one. */
  readonly path: string;
  readonly size: number;
  /** Last change, milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Bytes `start .. end` of a file, `end` exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A file being written. Nothing of it is visible under its name before `commit`, and after a crash
 * there is none either.
 */
export interface StorageWriter {
  /** Append. Resolves when more may be written; the buffers may be reused then. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Make the file durable, then visible, whole and at once. Replaces an older one of this name. */
  commit(): Promise<StorageEntry>;
  /** Drop what was written. Does nothing after `commit` or `abort`. */
  abort(): Promise<void>;
}

/**
 * Held until `release`. When its process is gone, the next taker frees it: on a disk at once, if it died on the same
 * computer; in a bucket also a minute after it was last renewed. There, who lost a lock cannot commit, start or delete
 * files in its folder any more: these fail as `locked`.
 */
export interface StorageLock {
  release(): Promise<void>;
}

/**
 * Where files live: a folder on disk, or a bucket with a prefix. It knows nothing of vectors.
 *
 * Paths are relative and use `/`; an absolute one, `..`, an empty part or a backslash is refused
 * before anything is touched. Errors are `StorageError`s.
 */
export interface Storage {
  /** `local`, `s3`, … */
  readonly kind: string;
  /** Where it is, ending in `/`, to be shown: holds no secret. */
  readonly url: string;
  /** Start a new file. Folders come into being as needed. */
  put(path: string, options?: StorageOptions): Promise<StorageWriter>;
  /** A whole file or a range of it, in one buffer. A range beyond the end is an error, not a short read. */
  read(path: string, range?: ByteRange, options?: StorageOptions): Promise<Uint8Array>;
  /** A whole file in order, in chunks; closed when the loop is left. */
  stream(path: string, options?: StorageOptions): AsyncIterable<Uint8Array>;
  /** `undefined` where there is no such file. */
  head(path: string, options?: StorageOptions): Promise<StorageEntry | undefined>;
  /** All files whose path starts with `prefix`, by path. Files being written are not among them. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<StorageEntry>;
  /** It is no error when there is none. Folders that become empty are gone too: there are only files. */
  delete(path: string, options?: StorageOptions): Promise<void>;
  /**
   * Keep other processes out. The file at `path` says who holds it.
   * @throws StorageError `locked`, naming the holder.
   */
  lock(path: string, options?: StorageOptions): Promise<StorageLock>;
  /**
   * Remove what writers that died left behind under `prefix`; gives the number of files removed. On a disk, what is
   * being written by any process stays. In a bucket only the uploads of this process do: hold the lock of the folder.
   * Google and Azure do not list unfinished uploads, and drop them by themselves after a week.
   */
  sweep(prefix: string, options?: StorageOptions): Promise<number>;
  /** The same storage, rooted one or more folders deeper. */
  within(folder: string): Storage;
}
