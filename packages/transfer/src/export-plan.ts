import type { CollectionDescription, SlicePlan } from '@vecport/abstractions';
import type { OtherLayout, PartEncoding, PartSchema } from '@vecport/dataset';
import type { IdListDigest } from './id-list.js';
import type { PlannedParent } from './increment.js';
import type { Selection } from './repository-source.js';

/** Bytes of columns a part holds when nobody asks: large enough to compress well, small enough to redo. */
const PART_BYTES = 128 * 1024 * 1024;
/** What a row's id and metadata are taken for before any was seen. */
const ASSUMED_ROW_BYTES = 400;
const MAX_SLICES = 64;
/** Slices that two workers and four share evenly. */
const EVEN_SLICES = 4;
/** Bytes of columns that are worth a slice, and so a part, of their own. */
const SLICE_BYTES = 32 * 1024 * 1024;

/** Bytes of batches in memory when nobody says how many. */
export const DEFAULT_MEMORY = 512 * 1024 * 1024;

/** What of a collection is exported, and what is done to it: all of it decides what is written. */
export interface PlannedSelection extends Selection {
  /** At most so many points, over all collections of the plan. */
  readonly limit?: number | undefined;
  /** The list of ids the points are got by; the list itself is given again by a resumed run. */
  readonly ids?: IdListDigest | undefined;
  /** SHA-256 of the transform. */
  readonly transform?: string | undefined;
  /** Points for which the transform fails go to the quarantine; without it they end the export. */
  readonly onError?: 'quarantine' | undefined;
  /** Points whose vectors have a number that is infinite or NaN go to the quarantine; without it they are carried as they are. */
  readonly nonFinite?: 'quarantine' | undefined;
}

/** How points are read: as a full read gives them, or by the ids it gives. */
export type ReadMode = 'scan' | 'two-pass';

/** One collection of a plan. Fixed before the first read, kept beside the data until it is complete. */
export interface CollectionPlan {
  readonly name: string;
  readonly description: CollectionDescription;
  readonly schema: PartSchema;
  readonly selection: PlannedSelection;
  /** The most rows of a part. */
  readonly partRows: number;
  /** A part also ends with the row that brings its records to so many bytes; by rows alone if absent. */
  readonly partBytes?: number | undefined;
  /** What is read by itself: the collection, or each of its tenants. */
  readonly units: readonly UnitPlan[];
}

/** A collection without tenants, or one tenant of a collection. */
export interface UnitPlan {
  readonly tenant?: string | undefined;
  readonly slices: SlicePlan;
  /** Points the source counted before the read; absent where it cannot count. */
  readonly expected?: number | undefined;
  /** What the source called its state before it was cut into slices; absent where it has no name for it. */
  readonly revision?: string | undefined;
}

/** The pinned plan of an export. A resumed run reads it and never plans again. */
export interface ExportPlan {
  readonly planVersion: 1;
  readonly id: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly source: {
    readonly provider: string;
    readonly version?: string | undefined;
    readonly url?: string | undefined;
  };
  /** The dataset it is an increment to. */
  readonly parent?: PlannedParent | undefined;
  readonly startedAt: string;
  readonly encoding: PartEncoding;
  /** Another tool's layout, which the parts are joined into; our own if absent. */
  readonly layout?: OtherLayout | undefined;
  /** The metadata field the points are named by, where it is not their id. */
  readonly keyField?: string | undefined;
  /** What the layout does not keep, one sentence each; absent for nothing. */
  readonly losses?: readonly string[] | undefined;
  /** `scan` if not said. */
  readonly read?: ReadMode | undefined;
  readonly collections: readonly CollectionPlan[];
}

/** Bytes of columns a row is taken for before any was seen. */
export function assumedRowBytes(description: CollectionDescription): number {
  return vectorBytes(description) + ASSUMED_ROW_BYTES;
}

function vectorBytes({ vectors }: CollectionDescription): number {
  return Object.values(vectors).reduce((sum, spec) => sum + (spec.dimension ?? 256) * 4, 0);
}

/** What of a request the rows of a part follow from. */
export interface PartSize {
  /** Bytes that end a part. */
  readonly partBytes?: number | undefined;
  readonly encoding?: PartEncoding | undefined;
}

/** Rows of a part: from the dimensions alone, so that it is known before reading; whole row groups where their rows are said. */
export function partRowsFor(description: CollectionDescription, { partBytes, encoding }: PartSize = {}): number {
  // Where bytes end a part, as many rows as have all vectors and nothing else.
  if (partBytes !== undefined) return Math.max(1, Math.ceil(partBytes / Math.max(1, vectorBytes(description))));
  const rows = Math.max(1, Math.floor(PART_BYTES / assumedRowBytes(description)));
  const group = encoding?.format === 'parquet' ? (encoding.rowGroupRows ?? 1) : 1;
  return Math.max(group, rows - (rows % group));
}

/** How many slices to ask for: as many as there are parts, within reason, whatever the number of workers. */
export function sliceCountFor(points: number | undefined, partRows: number): number {
  if (points === undefined) return 1;
  return Math.min(MAX_SLICES, Math.max(1, Math.ceil(points / partRows)));
}

/**
 * How many slices to ask for where nobody said how large parts are: as many as there are parts, and as many more as let workers end
 * together, whatever their number, as long as they are worth it.
 */
export function evenSliceCountFor(points: number | undefined, description: CollectionDescription): number {
  const parts = sliceCountFor(points, partRowsFor(description));
  if (points === undefined || parts > EVEN_SLICES * 2) return parts;
  const worth = Math.floor((points * assumedRowBytes(description)) / SLICE_BYTES);
  const even = Math.ceil(parts / EVEN_SLICES) * EVEN_SLICES;
  return Math.max(parts, Math.min(even, worth));
}

/** The columns of a part, from the collection's description and the times its provider keeps. */
export function partSchemaFor(description: CollectionDescription, timestamps: readonly string[] = []): PartSchema {
  return {
    vectors: Object.fromEntries(
      Object.entries(description.vectors).map(([name, { kind, dimension }]) => [name, { kind, dimension }]),
    ),
    createdAt: timestamps.includes('createdAt'),
    updatedAt: timestamps.includes('updatedAt'),
  };
}
