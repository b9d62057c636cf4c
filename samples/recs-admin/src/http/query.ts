import { z } from 'zod';

/** Query parameters of `GET /api/items` and of the first page. */
export const searchQuerySchema = z.object({ query: z.string().max(200).default('') });

/** Query parameters of `GET /api/items/:id/similar`. */
export const similarQuerySchema = z.object({ k: z.coerce.number().int().min(1).max(100).default(10) });
