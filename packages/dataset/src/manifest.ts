import {
  type CollectionDescription,
  type Filter,
  isVecportError,
  type JsonValue,
  parseFilter,
} from '@vecport/abstractions';
import { z } from 'zod';
import { LAYOUTS } from './layouts/layout.js';
import { MAX_LINE_BYTES } from './ndjson/format.js';
import { partEncodingSchema } from './part-encoding.js';

/** Version of the dataset format this package writes; it reads this one and no newer. */
export const FORMAT_VERSION = 1;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lower-case hexadecimal digits');
const time = z.iso.datetime();
/** Longer than any provider's names, and short enough to be shown. Those of ids are longer. */
const name = z.string().min(1).max(4096);
const path = z.string().max(4096);

/** An order-independent digest of records: 256-bit sums as hex, one for each aspect, and one over all three. */
export const digestSchema = z.object({
  /** Records summed up. */
  count,
  ids: sha256,
  vectors: sha256,
  metadata: sha256,
  content: sha256,
});

/** The columns of a part, see `PartSchema`. */
const partColumnsSchema = z.object({
  vectors: byName(z.object({ kind: z.enum(['dense', 'sparse', 'multi']), dimension: count.max(2 ** 25).optional() })),
  createdAt: z.boolean(),
  updatedAt: z.boolean(),
});

/** One part file of a collection. */
export const partSchema = z.object({
  /** Relative to the dataset, e.g. `collections/emoji/_/part-000-00000.parquet`. */
  path,
  /** The tenant, namespace or partition its points belong to; absent where the collection has none. */
  tenant: name.optional(),
  slice: count,
  index: count,
  rows: count,
  bytes: count,
  sha256,
  /** Smallest and largest id by UTF-8 bytes. */
  minId: z.string().optional(),
  maxId: z.string().optional(),
  digest: digestSchema,
  /** Of a part in NDJSON: its columns, and its bytes and those of its longest line before compression. Absent for Parquet. */
  lines: z.object({ schema: partColumnsSchema, bytes: count, longest: count.max(MAX_LINE_BYTES) }).optional(),
});

/** Values by name. A key that zod would drop in silence is refused. */
function byName<T extends z.ZodType>(value: T) {
  return z
    .unknown()
    .refine(
      (record) => typeof record !== 'object' || record === null || !Object.hasOwn(record, '__proto__'),
      'a key is named __proto__',
    )
    .pipe(z.record(z.string(), value));
}

const elementType = z.enum(['float32', 'float16', 'bfloat16', 'int8', 'uint8', 'binary']);

/** One named vector, see `VectorSpec` of abstractions. */
export const vectorSpecSchema = z.object({
  kind: z.enum(['dense', 'sparse', 'multi']),
  dimension: count.optional(),
  elementType,
  metric: z.enum(['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard']).optional(),
  normalized: z.boolean().optional(),
  index: z
    .object({ type: z.string(), parameters: byName(z.union([z.string(), z.number(), z.boolean()])).optional() })
    .optional(),
});

/** JSON as `parseJson` gives it, where `z.json()` knows no `bigint`. What was parsed needs no second check. */
const jsonValue = z.custom<JsonValue>((value) => value !== undefined);

/** A collection's description as stored in `schema.json` and in the manifest. */
export const collectionDescriptionSchema = z.object({
  name,
  vectors: byName(vectorSpecSchema),
  idKinds: z
    .array(z.enum(['u64', 'i64', 'uuid', 'string']))
    .min(1)
    .readonly(),
  fields: z
    .array(
      z.object({
        name: z.string(),
        type: z.enum(['string', 'integer', 'number', 'boolean', 'string[]', 'integer[]', 'number[]']),
      }),
    )
    .readonly()
    .optional(),
  embeddingModel: z.string().optional(),
  multiTenant: z.boolean().optional(),
  notDescribed: z.array(z.string()).readonly().optional(),
  native: jsonValue.optional(),
}) satisfies z.ZodType<CollectionDescription>;

const filterSchema = z.custom<Filter>(isFilter, 'not a filter');

/** What of a collection was exported. */
export const selectionSchema = z.object({
  /** Only the points for which it holds. */
  filter: filterSchema.optional(),
  /** Only these top-level metadata fields. */
  fields: z.array(z.string()).readonly().optional(),
  /** Without these top-level metadata fields. */
  excludeFields: z.array(z.string()).readonly().optional(),
  /** At most so many points, over all collections of the dataset. */
  limit: z.int().positive().optional(),
  /** Only the points of a list: how many ids it has, and the SHA-256 of the ids, each as JSON text and a line feed. */
  ids: z.object({ count, sha256 }).optional(),
  /** SHA-256 of the module every record went through. */
  transform: sha256.optional(),
  /** Points at which it failed are in quarantine. */
  onError: z.literal('quarantine').optional(),
  /** Points with a number in a vector that is infinite or NaN are in quarantine. */
  nonFinite: z.literal('quarantine').optional(),
});

/** What an increment changes. `changed` and `added` together are the rows of its parts. */
export const incrementSchema = z.object({
  /** Points that the parent has with other vectors or metadata. */
  changed: count,
  /** Points that the parent does not have. */
  added: count,
  /** Points of the parent that are gone. */
  deleted: count,
  /** A file with the ids of those that are gone; absent for none, and where tenants have their own. */
  tombstones: partSchema.optional(),
  /** Of all points: of the parent with the increment applied. */
  whole: digestSchema,
});

/** What a read saw. */
const readSchema = z.object({
  /** What the read saw while others wrote, with the snapshot it was pinned to. */
  consistency: z.enum(['snapshot', 'point-in-time', 'scan']),
  snapshot: z.string().optional(),
  /**
   * By what a change of the source during the read would have shown: what the source calls its state, or the number of
   * its points alone, which says nothing of points that were replaced.
   */
  changesSeenBy: z.enum(['revision', 'counts']).optional(),
  counts: z.object({
    /** Points the source counted before and after the read; absent where it cannot count. */
    before: count.optional(),
    after: count.optional(),
    exported: count,
    quarantined: count,
    /** Points that were asked for by id and were not there, or were gone when they were fetched. Absent for none. */
    missing: count.optional(),
  }),
  digest: digestSchema,
  /** Present in an increment: the parts hold what changed, and counts and digest are theirs. */
  increment: incrementSchema.optional(),
});

/** One tenant, namespace or partition of a collection. Its parts name it. */
export const manifestTenantSchema = readSchema.extend({ name });

/** One exported collection. */
export const manifestCollectionSchema = readSchema.extend({
  name,
  /** Relative folder, e.g. `collections/emoji`: names are percent-encoded where a file system needs it. */
  path,
  description: collectionDescriptionSchema,
  /** Absent or empty for all of it. */
  selection: selectionSchema.optional(),
  /** The tenants it is divided into; absent where it is not. Counts and digests of the collection are their sums. */
  tenants: z.array(manifestTenantSchema).readonly().optional(),
  parts: z.array(partSchema).readonly(),
});

/** `manifest.json`: written last, so its presence means that the dataset is complete. */
export const manifestSchema = z.object({
  formatVersion: z.int().positive(),
  id: name,
  tool: z.object({ name: z.string(), version: z.string() }),
  status: z.literal('complete'),
  source: z.object({ provider: z.string(), version: z.string().optional(), url: z.string().optional() }),
  /** The dataset this one is an increment to, and the content digest over all of its points; absent where it is none. */
  parent: z.object({ id: name, digest: sha256 }).optional(),
  startedAt: time,
  completedAt: time,
  /** Whose files they are. In all but `native` each collection, or tenant, is a file of that tool. */
  layout: z.enum(LAYOUTS),
  /** The metadata field the points are named by, where it is not their id. */
  keyField: z.string().min(1).optional(),
  encoding: partEncodingSchema,
  collections: z.array(manifestCollectionSchema).min(1).readonly(),
  /** What could not be kept, one sentence each. */
  losses: z.array(z.string()).readonly(),
});

/** See {@link digestSchema}. */
export type ContentDigest = z.infer<typeof digestSchema>;
/** See {@link partSchema}. */
export type PartEntry = z.infer<typeof partSchema>;
/** See {@link manifestCollectionSchema}. */
export type ManifestCollection = z.infer<typeof manifestCollectionSchema>;
/** See {@link manifestTenantSchema}. */
export type ManifestTenant = z.infer<typeof manifestTenantSchema>;
/** See {@link incrementSchema}. */
export type Increment = z.infer<typeof incrementSchema>;
/** See {@link manifestSchema}. */
export type Manifest = z.infer<typeof manifestSchema>;

function isFilter(value: unknown): boolean {
  try {
    parseFilter(value);
    return true;
  } catch (error) {
    if (isVecportError(error)) return false;
    throw error;
  }
}
