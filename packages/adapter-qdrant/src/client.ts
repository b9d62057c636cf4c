import type { QdrantClient } from '@qdrant/js-client-rest';
import { type CallOptions, isVecportError, raceSignal, VecportError } from '@vecport/abstractions';
import { JsonReader, openGrpcChannel, retryRead } from '@vecport/wire';
import { PROVIDER, type QdrantConfig } from './config.js';
import { type CollectionInfo, readCollectionInfo } from './describe.js';
import { corruptAnswer, serverCall } from './errors.js';
import { grpcTransport } from './grpc-transport.js';
import { asObject } from './layout.js';
import type { PointTransport } from './points.js';
import { openRestClient, type RestClient } from './rest-client.js';
import { restTransport } from './rest-transport.js';

/** An open connection to a server. */
export interface QdrantConnection {
  /** Version of the server. */
  readonly version: string;
  readonly points: PointTransport;
  /** The server is part of a cluster, where collections can have shards with keys of one's own. */
  readonly clustered: boolean;
  /** Run a control call of the official client. It cannot be cancelled; aborting stops the waiting. */
  control<T>(signal: AbortSignal | undefined, work: (client: QdrantClient) => Promise<T>): Promise<T>;
  /** The same for calls that may be done twice: they are tried again when the server is busy or the connection is lost. */
  ask<T>(signal: AbortSignal | undefined, work: (client: QdrantClient) => Promise<T>): Promise<T>;
  /** The names of all collections. */
  collectionNames(signal: AbortSignal | undefined): Promise<readonly string[]>;
  /** What the server says of a collection. @throws VecportError `not-found`. */
  collectionInfo(name: string, signal: AbortSignal | undefined): Promise<CollectionInfo>;
  close(): Promise<void>;
}

/** How long opening waits for answers, all attempts together. */
const OPEN_MS = 5000;
/** How opening is tried again: a server that does not run is told within a second. */
const OPEN_RETRY = { attempts: 3, firstDelayMs: 100 };

/**
 * Connect: the version is asked, and something that needs the credentials, over the interfaces that will be
 * used. `injected` is a `QdrantClient` of the application, used for control calls and never closed.
 * @throws VecportError `unavailable` within seconds, `unauthorized`, `forbidden`.
 */
export async function connect(
  config: QdrantConfig,
  injected: QdrantClient | undefined,
  { signal }: CallOptions,
): Promise<QdrantConnection> {
  const rest = openRestClient(config);
  const { points, close } = openPoints(config, rest);
  const end = performance.now() + OPEN_MS;
  const again = async <T>(work: (timeoutMs: number) => Promise<T>): Promise<T> =>
    retryRead(async () => work(Math.max(1, Math.min(Math.ceil(end - performance.now()), config.timeoutMs))), {
      ...OPEN_RETRY,
      signal,
    });
  try {
    const version = readVersion(
      await again(async (timeoutMs) => rest.request({ method: 'GET', path: '/', signal, timeoutMs })),
    );
    await again(async (timeoutMs) => points.check({ signal, timeoutMs }));
    const clustered = await again(async (timeoutMs) => isClustered(rest, signal, timeoutMs));
    let client = injected;
    const control: QdrantConnection['control'] = async (called, work) =>
      serverCall(called, async () => {
        client ??= await officialClient(config);
        return raceSignal(work(client), called);
      });
    const ask: QdrantConnection['ask'] = async (called, work) =>
      retryRead(async () => control(called, work), { signal: called });
    return {
      version,
      points,
      clustered,
      control,
      ask,
      ...lookups(rest, injected === undefined ? undefined : ask),
      close,
    };
  } catch (error) {
    await close();
    throw isVecportError(error) && error.code === 'timeout' ? silent(config, error) : error;
  }
}

/**
 * What is asked before points are read is asked directly, so that the official client, large as it is, is loaded only by
 * what needs more of it; unless there is one of the application.
 */
function lookups(
  rest: RestClient,
  askInjected: QdrantConnection['ask'] | undefined,
): Pick<QdrantConnection, 'collectionNames' | 'collectionInfo'> {
  const get = async (path: string, signal: AbortSignal | undefined): Promise<unknown> =>
    retryRead(async () => resultOf(await rest.request({ method: 'GET', path, signal })), { signal });
  const namesIn = (result: unknown): readonly string[] => {
    const { collections } = asObject(result);
    if (!Array.isArray(collections)) throw corruptAnswer('The list of collections is none.');
    return (collections as unknown[]).map((collection) => String(asObject(collection)['name']));
  };
  if (askInjected !== undefined) {
    return {
      collectionNames: async (signal) => namesIn(await askInjected(signal, async (client) => client.getCollections())),
      collectionInfo: async (name, signal) =>
        readCollectionInfo(await askInjected(signal, async (client) => client.getCollection(name))),
    };
  }
  return {
    collectionNames: async (signal) => namesIn(await get('/collections', signal)),
    collectionInfo: async (name, signal) =>
      readCollectionInfo(await get(`/collections/${encodeURIComponent(name)}`, signal)),
  };
}

function silent({ restUrl }: QdrantConfig, cause: VecportError): VecportError {
  return new VecportError('unavailable', `Nothing at ${restUrl} answered within ${OPEN_MS / 1000} seconds.`, {
    provider: PROVIDER,
    advice: 'Check that the server runs, and the address and ports.',
    cause,
  });
}

function openPoints(config: QdrantConfig, rest: RestClient): { points: PointTransport; close(): Promise<void> } {
  if (config.transport === 'http') return { points: restTransport(rest), close: async () => rest.close() };
  const channel = openGrpcChannel({
    host: config.host,
    port: config.grpcPort,
    tls: config.tls,
    metadata: config.apiKey === undefined ? {} : { 'api-key': config.apiKey },
  });
  const close = async (): Promise<void> => {
    channel.close();
    await rest.close();
  };
  return { points: grpcTransport(channel, config), close };
}

// The key goes as a header: given as a setting, the client prints a warning about connections without TLS.
async function officialClient({ restUrl, apiKey, timeoutMs }: QdrantConfig): Promise<QdrantClient> {
  const { QdrantClient: Client } = await import('@qdrant/js-client-rest');
  const { origin, pathname, port, protocol } = new URL(restUrl);
  const ownPort = protocol === 'https:' ? 443 : 80;
  return new Client({
    url: origin,
    port: port === '' ? ownPort : Number(port),
    timeout: timeoutMs,
    checkCompatibility: false,
    ...(pathname === '/' ? {} : { prefix: pathname }),
    ...(apiKey === undefined ? {} : { headers: { 'api-key': apiKey } }),
  });
}

/** Whether `GET /cluster` says `enabled`. Where it may not be asked, nothing depends on it either. */
async function isClustered(rest: RestClient, signal: AbortSignal | undefined, timeoutMs: number): Promise<boolean> {
  try {
    const result = resultOf(await rest.request({ method: 'GET', path: '/cluster', signal, timeoutMs }));
    return asObject(result)['status'] === 'enabled';
  } catch (error) {
    signal?.throwIfAborted();
    if (isVecportError(error) && error.retryable) throw error;
    return false;
  }
}

function resultOf(body: Uint8Array): unknown {
  try {
    return asObject(JSON.parse(Buffer.from(body).toString()))['result'];
  } catch {
    throw corruptAnswer('The answer is not JSON.');
  }
}

function readVersion(body: Uint8Array): string {
  const reader = new JsonReader(body);
  if (reader.peek() === 'object') {
    reader.enterObject();
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (key === 'version') return reader.text();
      reader.skip();
    }
  }
  throw corruptAnswer('The server at this address does not say a version: it is not Qdrant.');
}
