import { z } from 'zod';

const groupName = z.string().min(1).max(100).optional();

/** Query parameters of `GET /api/items`. */
export const searchQuerySchema = z.object({ query: z.string().max(200).default(''), group: groupName });

/** Query parameters of `GET /admin/jobs`. */
export const jobsQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });

/** Query parameters of `GET /admin/exports/:name/records`. */
export const recordsQuerySchema = z.object({
  collection: z.string().min(1).max(4096).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});

/** Query parameters of `GET /admin/exports/:name/file`. */
export const fileQuerySchema = z.object({ path: z.string().min(1).max(4096) });

/** Query parameters of `GET /api/items/by-text`. */
export const textQuerySchema = z.object({
  text: z.string().trim().min(1).max(1000),
  group: groupName,
  k: z.coerce.number().int().min(1).max(100).default(18),
});

/** Query parameters of `POST /admin/cache/embeddings/export`. */
export const cacheExportQuerySchema = z.object({ async: z.enum(['true', 'false']).default('false') });

/** Body of `POST /session`. */
export const signInSchema = z.strictObject({ password: z.string().min(1).max(500) });

const targetMode = z.enum(['create', 'append', 'replace']).default('create');
const collectionName = z.string().min(1).max(200).optional();

/** Body of `POST /admin/imports`. */
export const importOrderSchema = z.strictObject({
  dataset: z.string().min(1).max(200),
  collection: collectionName,
  as: collectionName,
  mode: targetMode,
});

/** Body of `POST /admin/migrations` and of the plan of one. */
export const migrateOrderSchema = z.strictObject({
  to: z.string().min(1).max(2000),
  as: collectionName,
  mode: targetMode,
});

const K_RANGE = 'must be a whole number from 1 to 100';

/** Query parameters of `GET /api/items/:id/similar`. */
export const similarQuerySchema = z.object({
  k: z.coerce
    .number({ error: K_RANGE })
    .int({ error: K_RANGE })
    .min(1, { error: K_RANGE })
    .max(100, { error: K_RANGE })
    .default(10),
  group: groupName,
});
