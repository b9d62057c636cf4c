import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHost, type VecportHost } from '@vecport/core';
import { createExportClient, type ExportClient } from '@vecport/export-client';
import { adapterModule, type MemoryAdapter, memoryAdapter, randomPoints, tempFolder } from '@vecport/testkit';
import express from 'express';
import {
  type AuditEntry,
  configuredStores,
  createApiKey,
  createExportService,
  type ExportServiceOptions,
  filesystemBackend,
  type Grant,
  openState,
  type StoreSet,
} from '../../src/index.js';

/** A service on a port of its own, with its client. */
export interface RunningService {
  readonly url: string;
  /** Datasets are below it. */
  readonly root: string;
  /** What the service remembers is in it. */
  readonly data: string;
  readonly client: ExportClient;
  readonly audit: readonly AuditEntry[];
  /** A client with an API key. */
  clientOf(name: string): ExportClient;
  /** The API keys that {@link ServiceSetup.keys} asked for, by name. */
  readonly keys: Readonly<Record<string, string>>;
  /** End the service as a shutdown would. */
  close(): Promise<void>;
}

/** How a service is started. */
export interface ServiceSetup extends Partial<Omit<ExportServiceOptions, 'keys'>> {
  readonly root?: string | undefined;
  readonly data?: string | undefined;
  /** API keys to make. */
  readonly keys?: Readonly<Record<string, readonly Grant[]>> | undefined;
  /** API keys that are asked for with every request. */
  readonly apiKeys?: ExportServiceOptions['keys'];
  /** The path the service is mounted at. */
  readonly mount?: string | undefined;
}

/** Start a service; the memory store of {@link MemoryStores} is the default one unless another is given. */
export async function startService(setup: ServiceSetup & { readonly stores: StoreSet }): Promise<RunningService> {
  const { keys = {}, apiKeys, mount = '/', ...options } = setup;
  const root = setup.root ?? join(await tempFolder(), 'exports');
  const data = setup.data ?? (await tempFolder());
  const audit: AuditEntry[] = [];
  const made = Object.entries(keys).map(([name, grants]) => ({ name, ...createApiKey(name, grants) }));
  const state = options.state ?? openState(data);
  const service = createExportService({
    backends: [filesystemBackend({ root })],
    state,
    audit: (entry) => audit.push(entry),
    keys: apiKeys,
    auth: { keys: made.map(({ record }) => record), ...options.auth },
    ...withoutUndefined(options),
  });
  const app = express();
  app.use(mount, service.router);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${mount === '/' ? '' : mount}`;
  const texts = Object.fromEntries(made.map(({ name, key }) => [name, key]));
  return {
    url,
    root,
    data,
    audit,
    keys: texts,
    client: createExportClient({ url }),
    clientOf: (name) => createExportClient({ url, token: texts[name] ?? '' }),
    close: async () => {
      await service.close();
      server.closeAllConnections();
      server.close();
      state.close();
    },
  };
}

function withoutUndefined({ stores, auth: _auth, state: _state, ...rest }: Partial<ExportServiceOptions>) {
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    stores: stores as StoreSet,
  };
}

/** Stores in memory, as a service is given them. */
export interface MemoryStores {
  readonly host: VecportHost;
  readonly adapter: MemoryAdapter;
  readonly set: StoreSet;
}

/** A description of collections of the tests. */
const DIMENSION = 4;

/** Two stores in memory, `main` (the default one) and `other`, with these collections in `main`: name and points. */
export async function memoryStores(collections: Readonly<Record<string, number>>): Promise<MemoryStores> {
  const adapter = memoryAdapter();
  const host = await createHost({ discover: false, envFile: false, env: {}, modules: [adapterModule(adapter)] });
  const set = configuredStores(host.catalog, { main: 'memory:main', other: 'memory:other' });
  const store = await set.open('main');
  for (const [seed, [name, points]] of Object.entries(collections).entries()) {
    await store.create({
      name,
      vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric: 'cosine' } },
      idKinds: ['string'],
    });
    await (await store.repository(name)).upsertMany(randomPoints(seed + 1, points, DIMENSION));
  }
  return { host, adapter, set };
}

/** What a service answers to a plain request. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Send a request as curl would. */
export async function request(
  url: string,
  init: { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { method = 'GET', body, headers = {} } = init;
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonIn(text) };
}

function jsonIn(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}
