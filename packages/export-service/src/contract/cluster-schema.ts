import { z } from 'zod';
import { countSchema, timeSchema } from './names.js';

const rate = z.number().min(0);

const workerSchema = z
  .object({
    name: z.string(),
    host: z.string(),
    startedAt: timeSchema,
    concurrency: countSchema,
    draining: z.boolean().describe('It ends when it has done what it is at.'),
    active: z.array(z.string()).readonly().describe('Slices it works on.'),
    turns: countSchema,
    points: countSchema,
    bytes: countSchema,
    failures: countSchema,
    pointsPerSecond: rate,
  })
  .meta({ id: 'ClusterWorker' });

const runSchema = z
  .object({
    run: z.string(),
    kind: z.string(),
    state: z.enum(['running', 'cancelled', 'done', 'failed']),
    from: z.string(),
    to: z.string(),
    startedAt: timeSchema,
    endedAt: timeSchema.optional(),
    reason: z.string().optional().describe('Why it ended as it did.'),
    slices: z.object({
      total: countSchema,
      waiting: countSchema,
      active: countSchema,
      done: countSchema,
      quarantined: countSchema,
    }),
    points: countSchema,
    bytes: countSchema,
    pointsPerSecond: rate,
  })
  .meta({ id: 'ClusterRun' });

/** The answer of `GET /v1/cluster`. */
export const clusterStatusSchema = z
  .object({
    cluster: z.string().describe('Where its queue is, without secrets.'),
    at: timeSchema,
    workers: z.array(workerSchema).readonly().describe('Those that were heard of in the last seconds.'),
    queues: z
      .record(z.string(), z.record(z.string(), countSchema))
      .readonly()
      .describe('Jobs by state, of each queue.'),
    runs: z.array(runSchema).readonly().describe('The newest first.'),
  })
  .meta({ id: 'ClusterStatus' });
/** See {@link clusterStatusSchema}. */
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;
