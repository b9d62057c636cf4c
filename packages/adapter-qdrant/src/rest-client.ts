import type { AllocateBytes } from '@vecport/wire';
import { Pool } from 'undici';
import type { QdrantConfig } from './config.js';
import { httpError, serverCall } from './errors.js';

/** One request to the REST interface. */
interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Path below the server's address, encoded. */
  readonly path: string;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The setting's time if not said. */
  readonly timeoutMs?: number | undefined;
  /** Where the body of the answer goes where its length is known; memory of its own if not said. */
  readonly allocate?: AllocateBytes | undefined;
}

/** Requests to the REST interface whose answers are bytes, never compressed. */
export interface RestClient {
  /**
   * The body of an answer with the status 200.
   * @throws VecportError by the status otherwise, `unavailable`, `timeout`. The signal's reason.
   */
  request(request: RestRequest): Promise<Uint8Array>;
  close(): Promise<void>;
}

const CONNECTIONS = 32;

/** A client with connections of its own, made when they are needed. */
export function openRestClient({ restUrl, apiKey, timeoutMs }: QdrantConfig): RestClient {
  const { origin, pathname } = new URL(restUrl);
  const prefix = pathname.replace(/\/+$/, '');
  const pool = new Pool(origin, { connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 });
  const headers = { ...(apiKey === undefined ? {} : { 'api-key': apiKey }), 'content-type': 'application/json' };
  return {
    request: async ({ method, path, body, signal, timeoutMs: within = timeoutMs, allocate }) =>
      serverCall(signal, async () => {
        const limit = AbortSignal.timeout(within);
        const answer = await pool.request({
          method,
          path: prefix + path,
          headers,
          body: body ?? null,
          signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        });
        const length = Number(answer.headers['content-length'] ?? Number.NaN);
        const bytes = await collect(answer.body, length, allocate);
        if (answer.statusCode === 200) return bytes;
        throw httpError(answer.statusCode, Buffer.from(bytes).toString(), oneHeader(answer.headers['retry-after']));
      }),
    close: async () => pool.destroy(),
  };
}

/** The chunks side by side, in a buffer that is allocated once where the length is known. */
async function collect(
  body: AsyncIterable<Uint8Array>,
  length: number,
  allocate: AllocateBytes = (bytes) => new Uint8Array(bytes),
): Promise<Uint8Array> {
  if (!Number.isSafeInteger(length)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  const bytes = allocate(length).subarray(0, length);
  let at = 0;
  for await (const chunk of body) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.subarray(0, at);
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
