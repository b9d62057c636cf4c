import { join } from 'node:path';
import { z } from 'zod';
import { authSchema } from './auth/authenticate.js';
import type { Backend } from './backends/backend.js';
import { bucketBackend } from './backends/bucket-backend.js';
import { filesystemBackend } from './backends/filesystem-backend.js';
import { bucketSchema, storeNameSchema } from './contract/names.js';
import { readJson } from './read-json.js';

const CONFIGURATION_FILE = 'service.json';
const OBJECT_STORES = ['s3', 'gcs', 'azure', 'r2', 'supabase'] as const;

const positive = z.int().positive().optional();
const bucketsSchema = z.strictObject({
  buckets: z.array(bucketSchema).min(1).readonly(),
  /** What a storage URL has after its question mark, e.g. `endpoint`. No secrets: those come from the environment. */
  settings: z.record(z.string(), z.string()).readonly().optional(),
});

/** `service.json`: what an operator says about a service that runs alone. */
export const configurationSchema = z.strictObject({
  /** Store URLs by the names requests know them by. */
  stores: z.record(storeNameSchema, z.string().min(1)).readonly().optional(),
  /** The name of the store that is meant when a request names none; the first if not said. */
  defaultStore: storeNameSchema.optional(),
  backends: z
    .strictObject({
      filesystem: z.strictObject({ root: z.string().min(1) }).optional(),
      s3: bucketsSchema.optional(),
      gcs: bucketsSchema.optional(),
      azure: bucketsSchema.optional(),
      r2: bucketsSchema.optional(),
      supabase: bucketsSchema.optional(),
    })
    .optional(),
  auth: authSchema.optional(),
  /** See `ServiceLimits`. */
  limits: z
    .strictObject({
      concurrency: positive,
      queued: positive,
      attempts: positive,
      retentionDays: positive,
      bodyBytes: positive,
      requestsPerMinute: positive,
      failuresPerMinute: positive,
      streams: positive,
      heartbeatMs: positive,
    })
    .optional(),
  /** How jobs run. */
  jobs: z
    .strictObject({
      /** Each in a process of its own; true if not said. */
      ownProcesses: z.boolean().optional(),
      /** See `ProcessRunnerParts`. */
      niceness: z.int().min(0).max(19).optional(),
      heapMb: z.int().min(64).optional(),
    })
    .optional(),
  /** The URL of the queue of a cluster whose workers do exports, without secrets: `redis://…` or `postgres://…`. */
  cluster: z.string().min(1).optional(),
  /** How many proxies in front of the service are trusted to say who sends a request; none if not said. */
  trustedProxies: z.int().min(0).max(10).optional(),
});
/** See {@link configurationSchema}. */
export type ServiceConfiguration = z.infer<typeof configurationSchema>;

/**
 * What `service.json` in the folder of a service says; nothing where there is none.
 * @throws VecportError `invalid-argument` for a wrong one, naming the place.
 */
export async function readConfiguration(folder: string): Promise<ServiceConfiguration> {
  return (await readJson(join(folder, CONFIGURATION_FILE), configurationSchema)) ?? {};
}

/** The places a configuration allows; `exports` in the folder of the service where it says nothing of files. */
export function backendsOf(
  { backends = {} }: ServiceConfiguration,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Backend[] {
  const { filesystem = { root: join(folder, 'exports') } } = backends;
  const buckets = OBJECT_STORES.flatMap((name) => {
    const options = backends[name];
    return options === undefined ? [] : [bucketBackend({ name, ...options, environment })];
  });
  return [filesystemBackend(filesystem), ...buckets];
}
