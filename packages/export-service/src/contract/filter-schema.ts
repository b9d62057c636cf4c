import type { Filter } from '@vecport/abstractions';
import { z } from 'zod';

const field = z.string().min(1);
// Whole numbers beyond 2^53 arrive as bigint, so that no digit is lost.
const scalar = z.union([z.string(), z.number(), z.boolean(), z.bigint()]);
const bound = z.union([z.string(), z.number(), z.bigint()]);

const conditionSchema = z.union([
  z.strictObject({ op: z.enum(['eq', 'ne', 'contains']), field, value: scalar }),
  z.strictObject({ op: z.enum(['gt', 'gte', 'lt', 'lte']), field, value: bound }),
  z.strictObject({ op: z.literal('in'), field, values: z.array(scalar).max(1000) }),
  z.strictObject({ op: z.literal('exists'), field }),
]);

const allSchema = z.strictObject({
  op: z.enum(['and', 'or']),
  get filters() {
    return z.array(filterSchema).max(100);
  },
});

const notSchema = z.strictObject({
  op: z.literal('not'),
  get filter() {
    return filterSchema;
  },
});

/** A filter over metadata, see `Filter` of `@vecport/abstractions`. How deep it may be nested is checked besides. */
export const filterSchema: z.ZodType<Filter> = z.union([conditionSchema, allSchema, notSchema]).meta({
  id: 'Filter',
  description: 'E.g. {"op":"eq","field":"lang","value":"de"}. Nested at most 64 deep.',
});
