import { once } from 'node:events';
import { resolve } from 'node:path';
import { schemeOf } from '@vecport/abstractions';
import type { VecportHost } from '@vecport/core';
import {
  BACKENDS,
  backendsOf,
  configurationSchema,
  configuredStores,
  createApiKey,
  type Grant,
  grantSchema,
  readConfiguration,
  runService,
  type ServiceConfiguration,
  type StoreSet,
  storeApiKey,
} from '@vecport/export-service';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { withHost } from '../host.js';
import { usageError } from '../usage-error.js';

/** What can be typed after `vecport serve`. */
export interface ServeFlags {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly data: string;
  readonly store?: readonly string[] | undefined;
  readonly bucket?: readonly string[] | undefined;
  readonly addKey?: string | undefined;
  readonly grant?: readonly string[] | undefined;
}

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '127.0.0.1';
/** The name of the store that the environment names. */
const DEFAULT_STORE = 'default';

/** Run the REST service until the process is asked to end; or, with `addKey`, make a key for it. */
export async function runServe(flags: ServeFlags, context: CommandContext): Promise<CommandOutcome> {
  const folder = resolve(context.terminal.cwd, flags.data);
  if (flags.addKey !== undefined) return addKey(flags.addKey, flags.grant ?? [], folder);
  if (flags.grant !== undefined) throw usageError('--grant belongs to --add-key.', 'Name the key with --add-key.');
  const configuration = withFlags(await readConfiguration(folder), flags);
  const { variables } = await context.environment();
  return withHost(context, async (host) => {
    const { port = DEFAULT_PORT, host: address = DEFAULT_HOST } = flags;
    const service = await runService({
      folder,
      port,
      host: address,
      stores: await storesOf(host, configuration),
      backends: backendsOf(configuration, folder, variables),
      configuration,
      log: (line) => context.terminal.stderr.write(line),
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

async function addKey(name: string, texts: readonly string[], folder: string): Promise<CommandOutcome> {
  if (texts.length === 0) throw usageError('The key would allow nothing.', 'Say what with --grant, e.g. read:*.');
  const { key, record } = createApiKey(name, texts.map(grantOf));
  await storeApiKey(folder, record);
  return {
    exitCode: EXIT_CODES.done,
    text: `${key}\nThis is the only time it is shown. It works for services that are started from now on.`,
    json: { command: 'serve', key, id: record.id, grants: record.grants },
  };
}

function grantOf(text: string): Grant {
  const [action = '', ...patterns] = text.split(':');
  const collections = patterns.length === 0 ? {} : { collections: [patterns.join(':')] };
  const grant = grantSchema.safeParse({ action, ...collections });
  if (grant.success) return grant.data;
  throw usageError(`'${text}' is no right.`, 'Write read, manage, admin or metrics, a colon and a pattern: read:Art*.');
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

/** The configured stores, or the one that the environment names. */
async function storesOf(
  { catalog }: VecportHost,
  { stores = {}, defaultStore }: ServiceConfiguration,
): Promise<StoreSet> {
  if (Object.keys(stores).length > 0) {
    for (const [name, url] of Object.entries(stores)) {
      if (schemeOf(url) === undefined) throw usageError(`The store '${name}' has no URL.`, 'E.g. lancedb:./data.');
    }
    return configuredStores(catalog, stores, defaultStore);
  }
  return {
    names: [DEFAULT_STORE],
    defaultName: DEFAULT_STORE,
    open: async (_name, options) => catalog.open(undefined, options),
  };
}
