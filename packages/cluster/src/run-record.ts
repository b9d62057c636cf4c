import { z } from 'zod';

const count = z.int().nonnegative();

/** What every worker must know to work on a slice of an export. No secrets. */
const exportWork = z.object({
  kind: z.literal('export'),
  /** The store; the one that the worker's environment names if absent. */
  source: z.string().optional(),
  settings: z.record(z.string(), z.string()).optional(),
  /** The dataset's own folder. */
  dataset: z.string(),
  batchSize: count.optional(),
  retrieveBatch: count.optional(),
  maxMemory: count.optional(),
  retries: count.optional(),
});

/** The same of an import. */
const importWork = z.object({
  kind: z.literal('import'),
  /** The dataset, with those it is an increment to before it. */
  datasets: z.array(z.string()).min(1),
  store: z.string(),
  /** The folder of the import's state. */
  state: z.string(),
  mode: z.enum(['create', 'append', 'replace']),
  collection: z.string().optional(),
  as: z.string().optional(),
  batchSize: count.optional(),
});

/** The same of a migration. */
const migrateWork = z.object({
  kind: z.literal('migrate'),
  source: z.string(),
  store: z.string(),
  state: z.string(),
  as: z.string().optional(),
  batchSize: count.optional(),
});

const workSchema = z.discriminatedUnion('kind', [exportWork, importWork, migrateWork]);

/** Work as it goes through the queue. */
export type ClusterWork = z.infer<typeof workSchema>;

/** A run as the queue knows it. */
const runSchema = z.object({
  /** How it ended, or that it has not. `cancelled` stops workers. */
  state: z.enum(['running', 'cancelled', 'done', 'failed']),
  work: workSchema,
  /** As they may be shown. */
  from: z.string(),
  to: z.string(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  slices: count,
  /** Parts a turn writes at most. */
  turnParts: z.int().positive(),
  /** Failures in a row after which a slice is given up. */
  attempts: z.int().positive(),
  /** Points a second, of all workers together. */
  rateLimit: z.number().positive().optional(),
  /** What was counted when it ended. */
  result: z
    .object({ points: count, bytes: count, milliseconds: count, turns: count, waits: count, queueMs: z.number() })
    .optional(),
  /** Why it ended as it did. */
  reason: z.string().optional(),
});

/** A run as the queue knows it. The truth about what is done lies in the target. */
export type RunRecord = z.infer<typeof runSchema>;

const sliceSchema = z.object({
  run: z.string(),
  collection: count,
  unit: count,
  slice: count,
  /** The collection's name. */
  name: z.string(),
  /** Points expected of it. */
  points: count.optional(),
  /** Its number among all slices of the run, and where the run began in the order of turns. */
  at: count,
  base: count,
  turns: count,
  /** Points and bytes of earlier turns. */
  rows: count,
  bytes: count,
  /** Attempts and stalls that earlier turns had, which ended well. */
  failedBefore: count,
  stalledBefore: count,
  /** When it was last put into the queue, by the clock of whoever did. */
  queuedAt: count,
  /** How often a worker went from one turn to this waiting slice without a pause, and how long that took in all. */
  waits: count,
  queueMs: z.number(),
});

/** A slice that waits for a turn or has one. */
export type SliceJob = z.infer<typeof sliceSchema>;

/** How far a turn is. */
export interface SliceProgress {
  readonly worker: string;
  readonly turn: number;
  /** Of the slice: those of earlier turns, and what this one has read. */
  readonly points: number;
  readonly bytes: number;
}

/** What is told of a slice that is done. */
export interface SliceResult {
  readonly points: number;
  readonly bytes: number;
  readonly turns: number;
  readonly waits: number;
  readonly queueMs: number;
}

/** A worker as it tells of itself, every few seconds. */
export interface WorkerRecord {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly seenAt: number;
  readonly concurrency: number;
  readonly draining: boolean;
  /** Slices it works on, as `<run> <collection> <slice>`. */
  readonly active: readonly string[];
  readonly turns: number;
  readonly parts: number;
  readonly points: number;
  readonly bytes: number;
  readonly failures: number;
  /** Points a second over the last seconds. */
  readonly pointsPerSecond: number;
  /** How often it went to a slice that was waiting, and how long that took in all. */
  readonly waits: number;
  readonly queueMs: number;
}

/** A value of the queue as a run, `undefined` when it is none of this version. */
export function parseRun(value: unknown): RunRecord | undefined {
  return runSchema.safeParse(value).data;
}

/** A value of the queue as a slice, `undefined` when it is none of this version. */
export function parseSlice(value: unknown): SliceJob | undefined {
  return sliceSchema.safeParse(value).data;
}
