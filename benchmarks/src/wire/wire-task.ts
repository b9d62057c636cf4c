import type { WireInterface } from './page-data.js';

/** Where a task finds points. */
interface WirePlace {
  readonly over: WireInterface;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly collection: string;
}

/** Take the bytes of all pages and drop them. */
export interface DrainTask extends WirePlace {
  readonly kind: 'drain';
  /** Where pages begin, in ascending order. */
  readonly starts: readonly string[];
  readonly limit: number;
  readonly streams: number;
  readonly points: number;
}

/** Read points with the official client and write them with hyparquet-writer. */
export interface PlainTask extends WirePlace {
  readonly kind: 'plain';
  /** Points that are read. */
  readonly points: number;
  readonly output: string;
}

/** Write generated points into a collection that takes all and keeps nothing. */
export interface ImportTask extends WirePlace {
  readonly kind: 'import' | 'plain-import';
  readonly points: number;
  readonly dimension: number;
}

/** What a measured process does. */
export type WireTask = DrainTask | PlainTask | ImportTask;
