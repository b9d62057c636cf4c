import type { JsonValue } from '@vecport/abstractions';
import { z } from 'zod';

/** What a job does. One of each kind can run at a time. */
const JOB_KINDS = ['seed', 'export-vectors', 'export-dataset', 'import', 'migrate'] as const;

/** See {@link JOB_KINDS}. */
export type JobKind = (typeof JOB_KINDS)[number];

/** `interrupted`: the application ended, or was killed, while it ran. */
const JOB_STATUSES = ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const;

const progressSchema = z.object({
  /** What is being done, e.g. `read`. */
  phase: z.string().optional(),
  /** Points or items done. */
  done: z.number(),
  /** To do in all, where known. */
  total: z.number().optional(),
  /** Bytes of columns that went through. */
  bytes: z.number().optional(),
  perSecond: z.number().optional(),
  /** Milliseconds left, where the total is known. */
  etaMs: z.number().optional(),
});

/** How far a job is. */
export type JobProgress = z.infer<typeof progressSchema>;

const errorSchema = z.object({ code: z.string().optional(), message: z.string() });

/** A job as it is stored and shown. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  status: z.enum(JOB_STATUSES),
  /** What was asked for. */
  request: z.custom<JsonValue>((value) => value !== undefined),
  progress: progressSchema,
  /** One sentence when it has succeeded. */
  message: z.string().optional(),
  /** What it did, for programs. */
  result: z.custom<JsonValue>().optional(),
  error: errorSchema.optional(),
  /** The last lines, oldest first. */
  log: z.array(z.object({ at: z.string(), text: z.string() })).readonly(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
});

/** See {@link jobSchema}. */
export type Job = z.infer<typeof jobSchema>;
