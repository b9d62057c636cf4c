import {
  collectionDescriptionSchema,
  LAYOUTS,
  manifestSchema,
  selectionSchema,
  vectorSpecSchema,
} from '@vecport/dataset';
import { z } from 'zod';
import type { ExportPlan } from './export-plan.js';

const count = z.int().nonnegative();
const otherLayout = z.enum(LAYOUTS).exclude(['native']);

/** What is read by itself, as a plan keeps it. */
export const unitPlanSchema = z.object({
  tenant: z.string().min(1).optional(),
  slices: z.object({
    slices: z.array(z.object({ token: z.string(), points: count.optional() })),
    consistency: z.enum(['snapshot', 'point-in-time', 'scan']),
    snapshot: z.string().optional(),
  }),
  expected: count.optional(),
  revision: z.string().optional(),
});

const collectionPlanSchema = z.object({
  name: z.string().min(1),
  description: collectionDescriptionSchema,
  schema: z.object({
    vectors: z.record(z.string(), vectorSpecSchema.pick({ kind: true, dimension: true })),
    createdAt: z.boolean(),
    updatedAt: z.boolean(),
    layout: otherLayout.optional(),
    className: z.string().optional(),
  }),
  selection: selectionSchema,
  partRows: z.int().positive(),
  partBytes: z.int().positive().optional(),
  units: z.array(unitPlanSchema).min(1),
});

const planSchema = manifestSchema
  .pick({ id: true, tool: true, source: true, parent: true, startedAt: true, encoding: true })
  .extend({
    planVersion: z.literal(1),
    read: z.enum(['scan', 'two-pass']).optional(),
    layout: otherLayout.optional(),
    keyField: z.string().min(1).optional(),
    losses: z.array(z.string()).optional(),
    collections: z.array(collectionPlanSchema).min(1),
  });

/** Whether a value read from a file has the shape of a plan of this version. */
export function isExportPlan(value: unknown): value is ExportPlan {
  return planSchema.safeParse(value).success;
}
