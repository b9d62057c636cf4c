import { type CallOptions, parseJson, VecportError } from '@vecport/abstractions';
import { type GrpcChannel, openGrpcChannel, ProtoReader, retryRead } from '@vecport/wire';
import { Pool } from 'undici';
import type { WeaviateClient } from 'weaviate-client';
import { type Config, type Endpoint, PROVIDER } from './config.js';
import { fromConnection, fromGrpc, fromHttp } from './errors.js';

/** An answer of the REST interface. */
interface RestAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** One request of the REST interface. */
interface RestRequest extends CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | undefined;
  /** From `/v1` on, encoded, e.g. `/schema/Articles`. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string | undefined;
  /** Statuses that are answers and no errors, beside those below 300. */
  readonly accept?: readonly number[] | undefined;
}

/**
 * The two interfaces of a server. Reads go through gRPC as raw messages; schemas and tenants through REST, whose
 * answers are kept verbatim, which the official client does not allow, and which can be cancelled.
 */
export interface WeaviateConnection {
  readonly config: Config;
  readonly version: string;
  /** Largest gRPC message the server sends or takes, in bytes. */
  readonly maxMessageBytes: number;
  /** @throws VecportError classified by status and message. Not tried again. */
  rest(request: RestRequest): Promise<RestAnswer>;
  /** Call a method of `weaviate.v1.Weaviate`. @throws GrpcError as it came, the signal's reason. Not tried again. */
  call(method: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  /** The same for something that can be done twice: tried again when it may help. @throws VecportError. */
  read(method: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}

const OPEN_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 8000;
const DEFAULT_MESSAGE_BYTES = 104_858_000;
const SERVING = 1;

/**
 * Connect and ask the server for its version, on both interfaces, within ten seconds at most.
 * @throws VecportError `unavailable`, `unauthorized`, `forbidden`.
 */
export async function openConnection(
  config: Config,
  client: WeaviateClient | undefined,
  options: CallOptions,
): Promise<WeaviateConnection> {
  const rest = openRest(config, client);
  const channel = openGrpcChannel({ ...config.grpc, userAgent: 'vecport' });
  const close = async (): Promise<void> => {
    channel.close();
    await rest.close();
  };
  try {
    const timeoutMs = Math.min(OPEN_TIMEOUT_MS, config.timeoutMs);
    const [meta] = await Promise.all([
      rest.send({ path: '/meta', ...options }, timeoutMs),
      checkHealth(channel, config, await headersOf(config, client), { ...options, timeoutMs }),
    ]);
    const { version = 'unknown', grpcMaxMessageSize = DEFAULT_MESSAGE_BYTES } = parseJson(meta.body.toString()) as {
      readonly version?: string;
      readonly grpcMaxMessageSize?: number;
    };
    const call: WeaviateConnection['call'] = async (method, message, { signal }) =>
      channel.unary(`/weaviate.v1.Weaviate/${method}`, message, {
        signal,
        timeoutMs: config.timeoutMs,
        metadata: await headersOf(config, client),
      });
    return {
      config,
      version,
      maxMessageBytes: grpcMaxMessageSize,
      rest: async (request) => rest.send(request, config.timeoutMs),
      call,
      read: async (method, message, { signal }) =>
        retryRead(async () => classifyGrpc(async () => call(method, message, { signal })), { signal }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Run a gRPC call; its error comes out as `VecportError`. */
export async function classifyGrpc<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromGrpc(error);
  }
}

async function checkHealth(
  channel: GrpcChannel,
  { grpc }: Config,
  metadata: Readonly<Record<string, string>>,
  options: CallOptions & { readonly timeoutMs: number },
): Promise<void> {
  const where = `${grpc.host}:${grpc.port}`;
  try {
    const reply = new ProtoReader(
      await channel.unary('/grpc.health.v1.Health/Check', new Uint8Array(0), { ...options, metadata }),
    );
    let status = 0;
    for (let field = reply.next(); field !== 0; field = reply.next()) {
      if (field === 1) status = reply.varint();
      else reply.skip();
    }
    if (status !== SERVING) throw notServing(where);
  } catch (error) {
    options.signal?.throwIfAborted();
    const known = fromGrpc(error);
    if (!(known instanceof VecportError) || known.code !== 'unavailable') throw known;
    throw new VecportError('unavailable', `The gRPC interface of Weaviate at ${where} cannot be reached.`, {
      provider: PROVIDER,
      advice: 'Set WEAVIATE_GRPC_URL where it is not on port 50051, and open that port.',
      cause: error,
    });
  }
}

function notServing(where: string): VecportError {
  return new VecportError('unavailable', `Weaviate at ${where} says it is not ready.`, { provider: PROVIDER });
}

interface RestClient {
  send(request: RestRequest, timeoutMs: number): Promise<RestAnswer>;
  close(): Promise<void>;
}

function openRest(config: Config, client: WeaviateClient | undefined): RestClient {
  const origin = originOf(config.rest);
  const pool = new Pool(origin, { connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0 });
  return {
    send: async (request, timeoutMs) => {
      const { signal, method = 'GET', path, body, accept = [] } = request;
      signal?.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      const headers = { accept: 'application/json', ...(await headersOf(config, client)) };
      try {
        const answer = await pool.request({
          method,
          path: `${config.restPath}/v1${path}`,
          headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          body: body ?? null,
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        const bytes = Buffer.from(await answer.body.arrayBuffer());
        const status = answer.statusCode;
        if (status < 300 || accept.includes(status)) return { status, body: bytes };
        throw fromHttp(status, bytes.toString(), retryAfter(answer.headers['retry-after']));
      } catch (error) {
        signal?.throwIfAborted();
        if (timeout.aborted) throw noAnswer(origin, timeoutMs, error);
        throw fromConnection(error, `Weaviate at ${origin}`);
      }
    },
    close: async () => pool.destroy(),
  };
}

function originOf({ host, port, tls }: Endpoint): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function noAnswer(origin: string, timeoutMs: number, cause: unknown): VecportError {
  return new VecportError('timeout', `No answer from Weaviate at ${origin} in ${timeoutMs} ms.`, {
    provider: PROVIDER,
    advice: 'Raise the setting timeout if the server needs longer.',
    cause,
  });
}

function retryAfter(value: string | string[] | undefined): number | undefined {
  const seconds = Number(value ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

// An injected client refreshes its token by itself, so it is asked every time.
async function headersOf(config: Config, client: WeaviateClient | undefined): Promise<Record<string, string>> {
  if (client === undefined) return config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` };
  const { bearerToken, headers } = await client.getConnectionDetails();
  const sent: Record<string, string> = bearerToken === undefined ? {} : { authorization: bearerToken };
  for (const [key, value] of Object.entries((headers ?? {}) as Record<string, unknown>)) {
    sent[key.toLowerCase()] ??= String(value);
  }
  return sent;
}

/**
 * The address an injected client talks to, for settings without one. It does not tell its scheme: a host without a
 * port is taken for HTTPS.
 */
export async function urlOfClient(client: WeaviateClient): Promise<string> {
  const { host } = await client.getConnectionDetails();
  return `${/:\d+$/.test(host) ? 'http' : 'https'}://${host}`;
}
