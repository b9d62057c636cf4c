import { readFile } from 'node:fs/promises';
import type { Client, ClientOptions } from '@elastic/elasticsearch';
import { retryRead } from '@vecport/wire';
import type { ElasticConfig } from './config.js';
import { answerError, invalidArgument, toVecportError } from './errors.js';
import { type ElasticRequest, exchange } from './exchange.js';
import { identify, type ServerInfo } from './server-info.js';

/** A connection to a server: the official client's, with bodies as bytes. */
export interface Elastic {
  readonly config: ElasticConfig;
  readonly server: ServerInfo;
  /** Send a request once. @throws VecportError where the answer is not a success; abort reasons as they are. */
  send(request: ElasticRequest): Promise<Buffer>;
  /** The same for what can be asked twice: repeated while the server is busy or cannot be reached. */
  read(request: ElasticRequest): Promise<Buffer>;
  /** Closes connections unless the client was injected. */
  close(): Promise<void>;
}

const OPEN_TIMEOUT_MS = 10_000;

/**
 * Connect with the settings. The client library is loaded here.
 * @throws VecportError `unavailable`, `unauthorized`, `not-supported` (the server is no Elasticsearch).
 */
export async function connect(config: ElasticConfig, signal: AbortSignal | undefined): Promise<Elastic> {
  const { Client: ElasticClient } = await import('@elastic/elasticsearch');
  const client = createClient(ElasticClient, await clientOptions(config));
  const close = async (): Promise<void> => client.close();
  try {
    return await opened(client, config, signal, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** A connection through a client the application made, and will close. */
export async function useClient(
  client: Client,
  config: ElasticConfig,
  signal: AbortSignal | undefined,
): Promise<Elastic> {
  return opened(client, config, signal, async () => undefined);
}

/** A path of parts, each percent-encoded. */
export function pathOf(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

async function opened(
  client: Client,
  config: ElasticConfig,
  signal: AbortSignal | undefined,
  close: () => Promise<void>,
): Promise<Elastic> {
  const server = await identify(client, signal, Math.min(OPEN_TIMEOUT_MS, config.timeoutMs));
  const send = async (request: ElasticRequest): Promise<Buffer> => {
    const { status, bytes, retryAfter } = await exchange(client, request);
    if (status < 200 || status > 299) throw answerError({ status, text: bytes.toString(), retryAfter });
    return bytes;
  };
  return {
    config,
    server,
    send,
    read: async (request) => retryRead(async () => send(request), { signal: request.signal }),
    close,
  };
}

function createClient(ElasticClient: typeof Client, options: ClientOptions): Client {
  try {
    return new ElasticClient(options);
  } catch (error) {
    throw toVecportError(error);
  }
}

async function clientOptions(config: ElasticConfig): Promise<ClientOptions> {
  const { url, apiKey, username, password, fingerprint, timeoutMs } = config;
  const ca = config.ca === undefined ? undefined : await readAuthority(config.ca);
  const auth =
    apiKey !== undefined ? { apiKey } : username !== undefined ? { username, password: password ?? '' } : undefined;
  return {
    node: url,
    requestTimeout: timeoutMs,
    maxRetries: 0,
    compression: false,
    ...(auth && { auth }),
    // With a fingerprint alone the chain cannot be verified; the client then compares the authority's fingerprint.
    ...(fingerprint !== undefined && { caFingerprint: fingerprint.toUpperCase() }),
    ...(ca !== undefined
      ? { tls: { ca } }
      : fingerprint !== undefined
        ? { tls: { rejectUnauthorized: false } }
        : undefined),
  };
}

async function readAuthority(ca: string): Promise<string> {
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return ca;
  try {
    return await readFile(ca, 'utf8');
  } catch (cause) {
    throw invalidArgument(`The certificate authority '${ca}' cannot be read: ${String(cause)}`);
  }
}
