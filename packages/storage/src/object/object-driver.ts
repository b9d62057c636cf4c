import type { StorageErrorCode } from '../storage-error.js';

/** What a store says of an object. */
export interface ObjectInfo {
  readonly size: number;
  /** Milliseconds since 1970, by the clock of the store. */
  readonly modifiedAt: number;
  /** ETag or generation: another one after each change. */
  readonly version: string;
  /** What its writer wrote beside it; `undefined` where the store does not keep such a thing. */
  readonly mark?: string | undefined;
  /** When the store answered, by its own clock. */
  readonly answeredAt?: number | undefined;
}

/** One entry of a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** The start of an answer that carries bytes. */
export interface OpenObject {
  /** Of the whole object, also where only a range of it comes. */
  readonly info: ObjectInfo;
  /** Where in the object the bytes begin. */
  readonly start: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a read asks for. */
export interface ReadRequest {
  readonly start: number;
  /** Exclusive; `undefined` for the rest of the object. */
  readonly end?: number | undefined;
  /** Only of this version. */
  readonly version?: string | undefined;
}

/** When an object may be written. */
export interface WriteCondition {
  /** `absent`: only where there is none; else only in the place of this version. */
  readonly replaces: 'absent' | { readonly version: string };
}

/** An object that grows part by part and is not visible before `complete`. */
export interface ObjectUpload {
  /** A part that is not the last; `index` counts from 0. Called again for a part that failed. */
  put(index: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** The last part, and then the whole object, visible at once. Called once all others are there. */
  complete(index: number, last: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Remove all of it. Called when nothing else is under way. */
  abort(signal: AbortSignal): Promise<void>;
}

/** How an upload is cut. */
export interface PartPlan {
  /** Bytes of the part of this index. */
  size(index: number): number;
  readonly mostParts: number;
  /** Parts of one upload that are under way at the same time. */
  readonly parallel: number;
}

/** An error of a client, understood. */
export interface Fault {
  readonly code: StorageErrorCode;
  /** What happened and what to do, as the end of a sentence that names the object. */
  readonly text: string;
  /** Whether the same request may succeed soon. */
  readonly transient: boolean;
  /** How long the store asked to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * What an object store has to be able to do: each method is one request, tried once. Retries, paths, locks and checks
 * are put around it by `objectStorage`. A missing object is `undefined` or no error; everything else that goes wrong is
 * thrown as the client throws it, and `explain` says what it means.
 */
export interface ObjectDriver {
  /** `s3`, `r2`, … */
  readonly kind: string;
  /** The bucket, ending in `/`. Holds no secret. */
  readonly url: string;
  readonly parts: PartPlan;
  /** Longest key, in UTF-8 bytes. */
  readonly mostKeyBytes: number;
  explain(error: unknown): Fault;
  head(key: string, signal: AbortSignal): Promise<ObjectInfo | undefined>;
  /** `undefined` where there is no such object, `beyond` where the range begins at its end or later. */
  read(key: string, request: ReadRequest, signal: AbortSignal): Promise<OpenObject | 'beyond' | undefined>;
  /** A page of keys that begin with `prefix`, in their order. */
  list(
    prefix: string,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly objects: readonly ListedObject[]; readonly next: string | undefined }>;
  /** With a version, only that one; an object that has changed stays, and that is no error. */
  delete(key: string, version: string | undefined, signal: AbortSignal): Promise<void>;
  /** A whole object at once. Gives its version, or `undefined` where the condition did not hold. */
  put(
    key: string,
    bytes: Uint8Array,
    mark: string,
    condition: WriteCondition | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  startUpload(key: string, mark: string, signal: AbortSignal): Promise<ObjectUpload>;
  /** Uploads that were begun and not ended, but for those of this process; absent where the store does not tell. */
  abandoned?(prefix: string, signal: AbortSignal): AsyncIterable<AbandonedUpload>;
}

/** An upload that nobody goes on with. */
export interface AbandonedUpload {
  readonly key: string;
  remove(signal: AbortSignal): Promise<void>;
}
