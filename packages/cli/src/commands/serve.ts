import { once } from 'node:events';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BACKENDS,
  type Backend,
  backendsOf,
  configurationSchema,
  createBackends,
  createProcessRunner,
  type JobRunner,
  readConfiguration,
  runService,
  type ServiceConfiguration,
} from '@vecport/export-service';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { withHost } from '../host.js';
import { usageError } from '../usage-error.js';
import { clusterNow, clusterOf } from './serve-cluster.js';
import { changeKeys } from './serve-keys.js';
import { type ServeJobSetup, storesOf } from './serve-parts.js';

/** What can be typed after `vecport serve`. */
export interface ServeFlags {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly data: string;
  readonly store?: readonly string[] | undefined;
  readonly bucket?: readonly string[] | undefined;
  readonly addKey?: string | undefined;
  readonly grant?: readonly string[] | undefined;
  readonly listKeys?: boolean | undefined;
  readonly removeKey?: string | undefined;
}

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '127.0.0.1';
/** Beside this module, and built or not as it is. */
const JOB_MODULE = fileURLToPath(new URL(`./serve-job${extname(import.meta.url)}`, import.meta.url));

/** Run the REST service until the process is asked to end; or make, list or remove its API keys. */
export async function runServe(flags: ServeFlags, context: CommandContext): Promise<CommandOutcome> {
  const folder = resolve(context.terminal.cwd, flags.data);
  const done = await changeKeys(flags, folder);
  if (done !== undefined) return done;
  const configuration = withFlags(await readConfiguration(folder), flags);
  const { variables } = await context.environment();
  return withHost(context, async (host) => {
    const { port = DEFAULT_PORT, host: address = DEFAULT_HOST } = flags;
    const { cwd, stderr } = context.terminal;
    const backends = backendsOf(configuration, folder, variables);
    const cluster = clusterOf(configuration, variables);
    const service = await runService({
      folder,
      port,
      host: address,
      stores: storesOf(host, configuration),
      backends,
      configuration,
      runner: runnerOf({ cwd, folder, configuration, variables }, backends, (text) => stderr.write(text)),
      cluster: cluster === undefined ? undefined : async () => clusterNow(cluster),
      log: (line) => stderr.write(line),
    });
    const closed = service.closedToAnonymous ? ' Requests need an API key (--add-key) or a token.' : '';
    context.note(`The service listens at ${service.url}, its API is shown at ${service.url}/docs/.${closed}`);
    if (!context.signal.aborted) await once(context.signal, 'abort');
    await service.close();
    return {
      exitCode: EXIT_CODES.done,
      text: 'The service has ended; jobs that ran go on when it is started again.',
      json: { command: 'serve', url: service.url },
    };
  });
}

/** Runs jobs in processes of their own, or, where the configuration says so, in this one. */
function runnerOf(
  setup: ServeJobSetup,
  backends: readonly Backend[],
  onOutput: (text: string) => void,
): JobRunner | undefined {
  const { ownProcesses = true, niceness, heapMb } = setup.configuration.jobs ?? {};
  if (!ownProcesses) {
    if (clusterOf(setup.configuration, setup.variables) === undefined) return undefined;
    throw usageError('Exports by a cluster need jobs with processes of their own.', 'Leave jobs.ownProcesses out.');
  }
  return createProcessRunner({
    entry: JOB_MODULE,
    setup,
    backends: createBackends(backends),
    niceness,
    heapMb,
    onOutput,
  });
}

/** What the file says, with the stores and buckets of the command line besides. */
function withFlags(configuration: ServiceConfiguration, { store, bucket = [] }: ServeFlags): ServiceConfiguration {
  const given = Object.fromEntries((store ?? []).map((text) => pairOf(text, 'store', 'main=lancedb:./data')));
  const backends: Record<string, unknown> = { ...configuration.backends };
  for (const [name, wanted] of bucket.map((text) => pairOf(text, 'bucket', 's3=exports'))) {
    const before = backends[name];
    backends[name] = { ...(before ?? {}), buckets: [...bucketsIn(before), wanted] };
  }
  const whole = { ...configuration, backends, stores: { ...given, ...configuration.stores } };
  const checked = configurationSchema.safeParse(whole);
  if (checked.success) return checked.data;
  throw usageError('A --store or --bucket is not right.', `Backends with buckets are ${BACKENDS.slice(1).join(', ')}.`);
}

function bucketsIn(backend: unknown): readonly unknown[] {
  if (typeof backend !== 'object' || backend === null || !('buckets' in backend)) return [];
  return Array.isArray(backend.buckets) ? backend.buckets : [];
}

function pairOf(text: string, flag: string, example: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw usageError(`--${flag} needs a name and a value.`, `Write it like ${example}.`);
}
