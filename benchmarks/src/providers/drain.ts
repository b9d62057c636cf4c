import http2 from 'node:http2';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { Pool } from 'undici';
import type { Place } from '../clients/client.js';
import type { Work } from '../report.js';
import type { RecordedRequest, Recording } from './recorded-request.js';

const WINDOW = 8 * 1024 * 1024;

interface Drain {
  /** Send a request and count the bytes of its answer, which are dropped. */
  ask(request: RecordedRequest): Promise<number>;
  close(): Promise<void>;
}

/**
 * Ask again for what an export asked for, as many requests under way as it had, and throw the answers away.
 * @throws Error when fewer bytes come than did then.
 */
export function drainWork({ requests, concurrency, receivedBytes, rows }: Recording, drain: Drain): Work {
  return async () => {
    let received = 0;
    for (const group of groupsOf(requests)) {
      const queue = group.values();
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          for (const request of queue) {
            const bytes = await drain.ask(request);
            received += bytes;
          }
        }),
      );
    }
    if (received < receivedBytes * 0.97)
      throw new Error(`The drain received ${received} bytes where the export received ${receivedBytes}.`);
    return { rows };
  };
}

/** Requests that may be under way together: what opens or closes a point in time, in which others read, is so alone. */
function groupsOf(requests: readonly RecordedRequest[]): readonly (readonly RecordedRequest[])[] {
  const groups: RecordedRequest[][] = [[]];
  for (const request of requests) {
    const { path = '' } = request;
    if (path.includes('/_pit')) groups.push([request], []);
    else groups.at(-1)?.push(request);
  }
  return groups;
}

/** Connections for asking again, of the kinds the recording needs; none is open yet. */
export async function openDrain({ requests }: Recording, place: Place): Promise<Drain> {
  const kinds = new Map<RecordedRequest['kind'], Drain>();
  for (const { kind } of requests) {
    if (!kinds.has(kind))
      kinds.set(kind, kind === 'http' ? overHttp() : kind === 'grpc' ? overGrpc() : await overSql(place));
  }
  return {
    ask: async (request) => {
      const drain = kinds.get(request.kind);
      if (drain === undefined) throw new Error(`Nothing was opened for ${request.kind}.`);
      return drain.ask(request);
    },
    close: async () => {
      for (const drain of kinds.values()) await drain.close();
    },
  };
}

/** Points in time are opened anew; a request that names an old one gets the new one. */
function overHttp(): Drain {
  const pools = new Map<string, Pool>();
  const opened: string[] = [];
  return {
    ask: async ({ origin = '', method = 'GET', path = '', headers = {}, body }) => {
      const pool = pools.get(origin) ?? new Pool(origin, { headersTimeout: 0, bodyTimeout: 0 });
      pools.set(origin, pool);
      const sent = body === undefined ? null : renamed(Buffer.from(body, 'base64'), opened.at(-1));
      const { 'content-length': _, ...rest } = headers;
      const answer = await pool.request({ method, path, headers: rest, body: sent });
      if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered with ${answer.statusCode}.`);
      if (path.includes('/_pit?')) {
        const text = await answer.body.text();
        opened.push((JSON.parse(text) as { readonly id: string }).id);
        return text.length;
      }
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) bytes += chunk.length;
      return bytes;
    },
    close: async () => {
      for (const pool of pools.values()) await pool.destroy();
    },
  };
}

function renamed(body: Buffer, pointInTime: string | undefined): Buffer {
  if (pointInTime === undefined) return body;
  const text = body.toString('latin1');
  return Buffer.from(
    text
      .replace(/"pit":\{"id":"[^"]+"/, `"pit":{"id":"${pointInTime}"`)
      .replace(/^\{"id":"[^"]+"\}$/, `{"id":"${pointInTime}"}`),
    'latin1',
  );
}

function overGrpc(): Drain {
  const sessions = new Map<string, http2.ClientHttp2Session>();
  const connect = (origin: string): http2.ClientHttp2Session => {
    const session = http2.connect(origin, { settings: { initialWindowSize: WINDOW, enablePush: false } });
    session.once('connect', () => session.setLocalWindowSize(2 * WINDOW));
    sessions.set(origin, session);
    return session;
  };
  return {
    ask: async ({ origin = '', headers = {}, body = '' }) => {
      const stream = (sessions.get(origin) ?? connect(origin)).request({ ...headers });
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.once('error', reject);
      stream.once('trailers', (trailers: http2.IncomingHttpHeaders) => {
        if (trailers['grpc-status'] !== '0') reject(new Error(`gRPC status ${String(trailers['grpc-status'])}`));
      });
      stream.once('close', () => resolve(bytes));
      stream.end(Buffer.from(body, 'base64'));
      return promise;
    },
    close: async () => {
      for (const session of sessions.values()) session.destroy();
    },
  };
}

async function overSql({ storeUrl }: Place): Promise<Drain> {
  const client = new pg.Client({ connectionString: storeUrl.replace(/^pgvector:/, 'postgres:') });
  await client.connect();
  return {
    ask: async ({ sql = '' }) => {
      let bytes = 0;
      for await (const chunk of client.query(copyTo(sql)) as AsyncIterable<Buffer>) bytes += chunk.length;
      return bytes;
    },
    close: async () => client.end(),
  };
}
