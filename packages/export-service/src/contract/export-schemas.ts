import { z } from 'zod';
import { filterSchema } from './filter-schema.js';
import { COMPRESSION, ENCODING_STRATEGIES, LAYOUTS } from './formats.js';
import {
  backendSchema,
  classNameSchema,
  countSchema,
  idSchema,
  locationSchema,
  statusSchema,
  storeNameSchema,
  timeSchema,
} from './names.js';

const classNames = z.array(classNameSchema).max(10_000).readonly();

/** What an export is asked for besides its id; also what a schedule repeats. */
export const exportChoiceSchema = z.strictObject({
  include: classNames.optional().describe('These classes; all that may be read if empty. Not together with exclude.'),
  exclude: classNames.optional().describe('All classes that may be read but these.'),
  config: locationSchema.optional(),
  source: storeNameSchema.optional().describe('The store to read; the default one if not said.'),
  strategy: z.enum(ENCODING_STRATEGIES).optional().describe('How files are written; Parquet if not said.'),
  read: z.enum(['scan', 'two-pass']).optional().describe('two-pass reads ids first and gets their objects by id.'),
  layout: z
    .enum(LAYOUTS)
    .optional()
    .describe(
      'Whose files they are; `weaviate` if not said, one file a class, and `native` for increments and NDJSON.',
    ),
  compression: z
    .string()
    .regex(COMPRESSION, 'must be none, snappy, zstd or gzip, the last two with a level after a colon if wanted')
    .optional()
    .describe('Of the files; zstd, or that of the strategy, if not said.'),
  filter: filterSchema.optional().describe('Only the objects that match.'),
  properties: z
    .array(z.string().min(1).max(1024))
    .min(1)
    .max(1000)
    .readonly()
    .optional()
    .describe('Keep only these top-level properties.'),
  parallel: z.int().min(1).max(64).optional().describe('Slices read at the same time.'),
});
/** See {@link exportChoiceSchema}. */
export type ExportChoice = z.infer<typeof exportChoiceSchema>;

/** The body of `POST /v1/export/{backend}`. */
export const exportRequestSchema = exportChoiceSchema
  .extend({
    id: idSchema,
    since: idSchema.optional().describe('Only what changed since this export, which lies in the same bucket and path.'),
  })
  .meta({ id: 'ExportRequest' });
/** See {@link exportRequestSchema}. */
export type ExportRequestBody = z.infer<typeof exportRequestSchema>;

/** How far one class is. */
const classProgressSchema = z
  .object({
    status: statusSchema,
    objectsExported: countSchema,
    fileSizeBytes: countSchema.optional().describe('Bytes of its files, once there are some.'),
    objectsTotal: countSchema.optional().describe('Objects expected, where the source can count.'),
  })
  .meta({ id: 'ClassProgress' });
/** See {@link classProgressSchema}. */
export type ClassProgress = z.infer<typeof classProgressSchema>;

/** What is said of any job. */
const jobFields = {
  id: idSchema,
  backend: backendSchema,
  path: z.string().describe('Where the dataset lies. Of a file system the part below its root.'),
  status: statusSchema,
  startedAt: timeSchema,
  completedAt: timeSchema.optional().describe('When it reached a final status.'),
  classes: z.array(z.string()).readonly(),
  error: z.string().optional().describe('Why it failed.'),
  warnings: z.array(z.string()).readonly().optional(),
  objectsPerSecond: z.number().min(0).optional().describe('While it runs.'),
  etaSeconds: z.number().min(0).optional().describe('While it runs, where the totals are known.'),
};

/** The state of an export. */
export const exportStatusSchema = z
  .object({ ...jobFields, progress: z.record(z.string(), classProgressSchema).readonly() })
  .meta({ id: 'ExportStatus' });
/** See {@link exportStatusSchema}. */
export type ExportStatus = z.infer<typeof exportStatusSchema>;

/** The answer of `GET /v1/export/{backend}`. */
export const exportListSchema = z
  .object({
    exports: z.array(exportStatusSchema).readonly(),
    next: idSchema.optional().describe('Give it as `after` to get those that follow; absent at the end.'),
  })
  .meta({ id: 'ExportList' });
/** See {@link exportListSchema}. */
export type ExportList = z.infer<typeof exportListSchema>;

/** The query of `GET /v1/export/{backend}`. */
export const listQuerySchema = z.strictObject({
  status: statusSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional().describe('How many at most; 100 if not said.'),
  after: idSchema.optional().describe('Go on behind this id.'),
});
/** See {@link listQuerySchema}. */
export type ListQuery = z.infer<typeof listQuerySchema>;

/** How far one class of an import is. */
const importProgressSchema = z
  .object({
    status: statusSchema,
    objectsImported: countSchema,
    objectsTotal: countSchema.optional(),
    objectsRefused: countSchema.optional().describe('Objects the target refused.'),
  })
  .meta({ id: 'ImportProgress' });
/** See {@link importProgressSchema}. */
export type ImportProgress = z.infer<typeof importProgressSchema>;

/** The state of an import. */
export const importStatusSchema = z
  .object({
    ...jobFields,
    target: storeNameSchema.describe('The store that is written.'),
    progress: z.record(z.string(), importProgressSchema).readonly(),
  })
  .meta({ id: 'ImportStatus' });
/** See {@link importStatusSchema}. */
export type ImportStatus = z.infer<typeof importStatusSchema>;

/** The body of `POST /v1/import/{backend}/{id}`. */
export const importRequestSchema = z
  .strictObject({
    include: classNames.optional().describe('These classes; all of the dataset if empty. Not together with exclude.'),
    exclude: classNames.optional().describe('All classes of the dataset but these.'),
    config: locationSchema.optional(),
    target: storeNameSchema.optional().describe('The store to write; the default one if not said.'),
    as: classNameSchema.optional().describe('The name in the target, for a single class.'),
    mode: z
      .enum(['create', 'append', 'replace'])
      .optional()
      .describe('The class must not exist | exists, objects of the same id are replaced | is dropped first.'),
    verify: z.boolean().optional().describe('Read the target back and compare every object.'),
    parallel: z.int().min(1).max(64).optional().describe('Files read at the same time.'),
  })
  .meta({ id: 'ImportRequest' });
/** See {@link importRequestSchema}. */
export type ImportRequestBody = z.infer<typeof importRequestSchema>;
