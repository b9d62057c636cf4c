import { z } from 'zod';
import { exportChoiceSchema } from './export-schemas.js';
import { backendSchema, countSchema, idSchema, statusSchema, timeSchema } from './names.js';

/** Longest id of a schedule: the ids of its exports are this and a time. */
const MAX_ID = 100;

const planFields = {
  cron: z
    .string()
    .min(1)
    .max(200)
    .meta({
      description: 'When: five fields, or six with seconds first, or @daily and the like. Checked when it is created.',
      examples: ['30 2 * * *'],
    }),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta({ description: 'IANA name; UTC if not said.', examples: ['Europe/Berlin'] }),
  backend: backendSchema,
  mode: z
    .enum(['full', 'incremental'])
    .optional()
    .describe('incremental: what changed since the last successful run of this schedule. full if not said.'),
  fullEvery: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Of an incremental schedule, every so many-th run is full; 7 if not said.'),
  keep: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Successful exports to keep; older ones are removed, but for those that kept ones need. All if not said.',
    ),
  missed: z
    .enum(['run', 'skip'])
    .optional()
    .describe(
      'What is done when runs were missed as the service did not run: one run at once, or none. run if not said.',
    ),
};

/** The body of `POST /v1/schedules`. */
export const scheduleRequestSchema = z
  .strictObject({
    id: idSchema.max(MAX_ID),
    ...planFields,
    export: exportChoiceSchema.optional().describe('What is exported; everything that may be read if not said.'),
  })
  .meta({ id: 'ScheduleRequest' });
/** See {@link scheduleRequestSchema}. */
export type ScheduleRequestBody = z.infer<typeof scheduleRequestSchema>;

/** The state of a schedule. */
export const scheduleStatusSchema = z
  .object({
    id: idSchema,
    ...planFields,
    timeZone: z.string(),
    mode: z.enum(['full', 'incremental']),
    missed: z.enum(['run', 'skip']),
    source: z.string(),
    classes: z.array(z.string()).readonly().describe('Named classes; empty where it is all of them.'),
    createdAt: timeSchema,
    nextRunAt: timeSchema.optional().describe('Absent where there will be none.'),
    lastRun: z
      .object({ id: idSchema, at: timeSchema, status: statusSchema.optional(), error: z.string().optional() })
      .optional()
      .describe('The latest run; without a status when it could not be started.'),
    skippedRuns: countSchema.describe('Runs that were not started, as the one before was not done.'),
    missedRuns: countSchema.describe('Times the service was not there when a run was due.'),
  })
  .meta({ id: 'Schedule' });
/** See {@link scheduleStatusSchema}. */
export type ScheduleStatus = z.infer<typeof scheduleStatusSchema>;

/** The answer of `GET /v1/schedules`. */
export const scheduleListSchema = z
  .object({ schedules: z.array(scheduleStatusSchema).readonly() })
  .meta({ id: 'ScheduleList' });
/** See {@link scheduleListSchema}. */
export type ScheduleList = z.infer<typeof scheduleListSchema>;
