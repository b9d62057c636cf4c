import type { Client } from '@elastic/elasticsearch';
import { isVecportError, VecportError } from '@vecport/abstractions';
import { answerError, brokenAnswer, notSupported } from './errors.js';
import { exchange } from './exchange.js';
import { PROVIDER } from './provider.js';

/** What a server is, and what follows from its version. */
export interface ServerInfo {
  /** Absent where the credentials do not allow to ask. */
  readonly version: string | undefined;
  /** Takes and gives vectors as base64 (9.3). */
  readonly base64Vectors: boolean;
  /** May leave vectors out of `_source`, and can be told not to (9.2). */
  readonly excludesVectors: boolean;
  /** Knows `_source: { exclude_vectors }` in searches (8.19). */
  readonly excludeVectorsOption: boolean;
  /** Computes exact scores for quantised vectors when asked (8.18). */
  readonly rescores: boolean;
}

/** Asked with credentials that are known and may not ask: nothing is used that servers of version 8.19 do not know. */
const UNKNOWN_SERVER: ServerInfo = Object.freeze({
  version: undefined,
  base64Vectors: false,
  excludesVectors: false,
  excludeVectorsOption: true,
  rescores: true,
});

/**
 * Ask a server what it is.
 * @throws VecportError `not-supported` for OpenSearch, other products and versions before 8; `unavailable` when
 * there is no answer within `timeoutMs`.
 */
export async function identify(
  client: Client,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<ServerInfo> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const { status, bytes, retryAfter } = await exchange(client, { method: 'GET', path: '/', signal: both });
    const text = bytes.toString();
    if (status === 403) return UNKNOWN_SERVER;
    if (status !== 200) throw answerError({ status, text, retryAfter });
    return infoOf(text);
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) throw noAnswer(timeoutMs);
    if (isVecportError(error) && error.code === 'not-supported') throw (await openSearchError(client)) ?? error;
    throw error;
  }
}

/** What follows from a version. Serverless servers do not tell theirs and are always the newest. */
export function serverOf(version: string, flavor: string | undefined): ServerInfo {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const atLeast = (wanted: number, of: number): boolean =>
    flavor === 'serverless' || major > wanted || (major === wanted && minor >= of);
  return Object.freeze({
    version: flavor === 'serverless' ? 'serverless' : version,
    base64Vectors: atLeast(9, 3),
    excludesVectors: atLeast(9, 2),
    excludeVectorsOption: atLeast(9, 2) || (major === 8 && minor >= 19),
    rescores: atLeast(9, 0) || (major === 8 && minor >= 18),
  });
}

interface RootAnswer {
  readonly version?: { readonly number?: string; readonly distribution?: string; readonly build_flavor?: string };
}

function infoOf(text: string): ServerInfo {
  const { version } = parseRoot(text);
  if (version?.distribution !== undefined) throw otherProduct(version.distribution, version.number);
  if (typeof version?.number !== 'string') throw brokenAnswer('The server did not tell its version.');
  const info = serverOf(version.number, version.build_flavor);
  if (info.version !== 'serverless' && Number.parseInt(version.number, 10) < 8) {
    throw notSupported(`This is Elasticsearch ${version.number}.`, 'The adapter needs version 8 or newer.');
  }
  return info;
}

function parseRoot(text: string): RootAnswer {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw brokenAnswer('The server does not answer like Elasticsearch.', 'Check the URL.');
}

// The client refuses other products before it gives out their answer; its connection has it.
async function openSearchError(client: Client): Promise<VecportError | undefined> {
  try {
    const connection = client.connectionPool.connections[0];
    const answer = await connection?.request(
      { method: 'GET', path: '/', headers: { accept: 'application/json' } },
      { requestId: 'identify', name: 'vecport', context: null },
    );
    const { version } = parseRoot(String(answer?.body));
    return version?.distribution === undefined ? undefined : otherProduct(version.distribution, version.number);
  } catch {
    return undefined;
  }
}

function otherProduct(distribution: string, version: string | undefined): VecportError {
  const name = distribution === 'opensearch' ? 'OpenSearch' : `'${distribution}'`;
  return notSupported(
    `This server is ${name} ${version ?? ''}, not Elasticsearch.`.replace('  ', ' '),
    'This adapter reads and writes Elasticsearch 8 and 9 only.',
  );
}

function noAnswer(timeoutMs: number): VecportError {
  return new VecportError('unavailable', `Elasticsearch did not answer within ${timeoutMs} ms.`, {
    provider: PROVIDER,
    advice: 'Check the URL, and that the server is running.',
  });
}
