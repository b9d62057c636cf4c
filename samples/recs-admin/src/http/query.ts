import { z } from 'zod';

/** Query parameters of `GET /api/items` and of the first page. */
export const searchQuerySchema = z.object({ query: z.string().max(200).default('') });

const K_RANGE = 'must be a whole number from 1 to 100';

/** Query parameters of `GET /api/items/:id/similar`. */
export const similarQuerySchema = z.object({
  k: z.coerce
    .number({ error: K_RANGE })
    .int({ error: K_RANGE })
    .min(1, { error: K_RANGE })
    .max(100, { error: K_RANGE })
    .default(10),
});
