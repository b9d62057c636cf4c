import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import { type ApiKeyRecord, apiKeySchema } from './auth/api-keys.js';
import { authSchema } from './auth/authenticate.js';
import type { Backend } from './backends/backend.js';
import { bucketBackend } from './backends/bucket-backend.js';
import { filesystemBackend } from './backends/filesystem-backend.js';
import { bucketSchema, storeNameSchema } from './contract/names.js';

const CONFIGURATION_FILE = 'service.json';
const KEYS_FILE = 'keys.json';
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

/** The API keys of a service, without the keys themselves. @throws VecportError `invalid-argument` for a wrong file. */
export async function readApiKeys(folder: string): Promise<readonly ApiKeyRecord[]> {
  return (await readJson(join(folder, KEYS_FILE), z.array(apiKeySchema))) ?? [];
}

/** Add an API key, for services that start from now on. Only the file's owner may read it. */
export async function storeApiKey(folder: string, record: ApiKeyRecord): Promise<void> {
  const keys = [...(await readApiKeys(folder)), record];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${KEYS_FILE}.${randomBytes(8).toString('hex')}`);
  await writeFile(temporary, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, join(folder, KEYS_FILE));
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

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = schema.safeParse(jsonIn(text, path));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new VecportError('invalid-argument', `${path} is not right: ${places.join('; ')}.`);
}

// What a parser says of a text may quote it.
function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VecportError('invalid-argument', `${path} is not JSON.`);
  }
}
