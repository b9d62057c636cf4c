import { z } from 'zod';

/** Where datasets can be written. `r2` and `supabase` speak the protocol of S3. */
export const BACKENDS = ['filesystem', 's3', 'gcs', 'azure', 'r2', 'supabase'] as const;
/** One of {@link BACKENDS}. */
export type BackendName = (typeof BACKENDS)[number];

/** A backend in a path. */
export const backendSchema = z.enum(BACKENDS).meta({ id: 'Backend', description: 'Where datasets lie.' });

/** The name of an export or a schedule: it becomes part of a path, so it has no characters of paths. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9_-]{1,128}$/, 'must be 1 to 128 lower-case letters, digits, hyphens and underscores')
  .meta({ id: 'Id', description: 'Lower-case letters, digits, hyphens and underscores.' });

/** The name of a collection, which this API calls a class as Weaviate does. */
export const classNameSchema = z.string().min(1).max(256).meta({ id: 'ClassName' });

/** The name a store is configured under. Never a URL. */
export const storeNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, points, hyphens and underscores')
  .meta({ id: 'StoreName', description: 'A store by the name it is configured under.' });

/** Parts of 1 to 100 harmless characters with slashes between them; one slash at the end is allowed. No part is `.` or `..`. */
const PATH = /^(?!\.{1,2}(\/|$))[A-Za-z0-9_.=-]{1,100}(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.=-]{1,100}){0,15}\/?$/;

/** A folder below the root of a backend. */
const folderSchema = z
  .union([z.literal(''), z.string().regex(PATH, 'must be relative, of letters, digits and _ . = - with / between')])
  .meta({ id: 'Folder', description: 'A folder below the root of the backend; an empty text is the root.' });

/** The name of a bucket or container. */
export const bucketSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/, 'is no name of a bucket')
  .meta({ id: 'Bucket' });

/** Where in a backend a dataset lies: `<bucket>/<path>/<id>/`. */
export const locationSchema = z
  .strictObject({
    bucket: bucketSchema.optional().describe('One of the allowed ones; the only one there is if not said.'),
    path: folderSchema.optional().describe('The root of the backend if not said.'),
  })
  .meta({ id: 'Location' });
/** See {@link locationSchema}. */
export type Location = z.infer<typeof locationSchema>;

/** What becomes of a job, and of each class of it. */
const STATUSES = ['STARTED', 'TRANSFERRING', 'SUCCESS', 'FAILED', 'CANCELED'] as const;
/** One of {@link STATUSES}. */
export type JobStatus = (typeof STATUSES)[number];

/** See {@link STATUSES}. */
export const statusSchema = z
  .enum(STATUSES)
  .meta({ id: 'Status', description: 'The last three are final; a failed or canceled job can be started again.' });

/** A point in time, UTC. */
export const timeSchema = z.iso.datetime();
/** A count of anything. */
export const countSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
