import { subscribe } from 'node:diagnostics_channel';
import http2 from 'node:http2';
import type { Socket } from 'node:net';
import pg from 'pg';
import type { RecordedRequest, Recording } from './recorded-request.js';

/** What is under way in this process. */
interface Watch {
  /** Begin anew: what was sent so far does not count. */
  reset(): void;
  take(rows: number): Recording;
}

/**
 * Watch every request this process sends from now on through undici, HTTP/2 or `pg`. For a process that does nothing
 * else: it costs time, and nothing is ever put back.
 */
export function watchRequests(): Watch {
  const requests: RecordedRequest[] = [];
  const sockets: { readonly socket: Socket; from: number }[] = [];
  let underWay = 0;
  let concurrency = 0;
  const begin = (request: RecordedRequest): void => {
    requests.push(request);
    concurrency = Math.max(concurrency, ++underWay);
  };
  const end = (): void => void underWay--;
  subscribe('net.client.socket', (message) => {
    sockets.push({ socket: (message as { readonly socket: Socket }).socket, from: 0 });
  });
  watchUndici(begin, end);
  watchHttp2(begin, end);
  watchPg(begin);
  return {
    reset: () => {
      requests.length = 0;
      concurrency = underWay;
      for (const known of sockets) known.from = known.socket.bytesRead;
    },
    take: (rows) => ({
      requests: [...requests],
      concurrency: Math.max(1, concurrency),
      receivedBytes: sockets.reduce((sum, { socket, from }) => sum + socket.bytesRead - from, 0),
      rows,
    }),
  };
}

interface UndiciRequest {
  readonly origin: string | URL;
  readonly method: string;
  readonly path: string;
  readonly headers: string | readonly (string | readonly string[])[];
  readonly body: unknown;
}

function watchUndici(begin: (request: RecordedRequest) => void, end: () => void): void {
  subscribe('undici:request:create', (message) => {
    const { origin, method, path, headers, body } = (message as { readonly request: UndiciRequest }).request;
    begin({
      kind: 'http',
      origin: String(origin),
      method,
      path,
      headers: headersOf(headers),
      body: body === null || body === undefined ? undefined : bytesOf(body).toString('base64'),
    });
  });
  subscribe('undici:request:trailers', end);
  subscribe('undici:request:error', end);
}

function bytesOf(body: unknown): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  throw new Error('A request whose body is a stream cannot be asked again.');
}

function headersOf(headers: UndiciRequest['headers']): Record<string, string> {
  const flat = typeof headers === 'string' ? headers.split(/\r\n|: /).slice(0, -1) : headers.map(String);
  const pairs = flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []));
  return Object.fromEntries(pairs) as Record<string, string>;
}

function watchHttp2(begin: (request: RecordedRequest) => void, end: () => void): void {
  const connect = http2.connect.bind(http2);
  const watched = (origin: string, ...rest: unknown[]): http2.ClientHttp2Session => {
    const session = (connect as (...args: unknown[]) => http2.ClientHttp2Session)(origin, ...rest);
    const request = session.request.bind(session);
    session.request = (headers = {}, options) => {
      const stream = request(headers, options);
      const written: Uint8Array[] = [];
      const write = stream.write.bind(stream) as (chunk: Uint8Array) => boolean;
      const finish = stream.end.bind(stream) as (chunk: Uint8Array) => http2.ClientHttp2Stream;
      stream.write = ((chunk: Uint8Array) => {
        written.push(chunk);
        return write(chunk);
      }) as typeof stream.write;
      stream.end = ((chunk: Uint8Array) => {
        const body = Buffer.concat([...written, chunk]).toString('base64');
        begin({ kind: 'grpc', origin, headers: textsOf(headers), body });
        return finish(chunk);
      }) as typeof stream.end;
      stream.once('close', end);
      return stream;
    };
    return session;
  };
  (http2 as { connect: unknown }).connect = watched;
}

function textsOf(headers: object): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) texts[name] = String(value);
  return texts;
}

// Of SQL only the statement that brings the rows is asked again; what stands around it is a few hundred bytes.
function watchPg(begin: (request: RecordedRequest) => void): void {
  const prototype = pg.Client.prototype as { query(...args: unknown[]): unknown };
  const query = prototype.query;
  prototype.query = function watched(this: unknown, ...args: unknown[]): unknown {
    const text = (args[0] as { readonly text?: unknown } | undefined)?.text;
    if (typeof text === 'string' && text.startsWith('COPY ')) begin({ kind: 'copy', sql: text });
    return query.apply(this, args);
  };
}
