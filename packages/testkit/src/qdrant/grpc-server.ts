import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { QdrantFault } from './fault.js';
import { type Front, plainHeaders } from './front.js';
import { answerGrpc } from './grpc-routes.js';
import { Refusal } from './server-error.js';

const PREFIX_BYTES = 5;
const OPEN_ROUTES = new Set(['/qdrant.Qdrant/HealthCheck', '/grpc.health.v1.Health/Check']);
const CODES: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 503: 14, 504: 4 };
const INTERNAL = 13;
/** Enough for a page of vectors without waiting for the other side. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** The gRPC interface, not listening yet. */
export function createGrpcServer(front: Front): Http2Server {
  const server = createServer({ settings: { initialWindowSize: WINDOW_BYTES } });
  const sockets = new Map<number | undefined, Socket>();
  server.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  server.on('session', (session) => {
    session.on('error', () => session.destroy());
    session.setLocalWindowSize(WINDOW_BYTES);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close());
    // A session does not let go of its socket, and destroying the session would say goodbye properly.
    const cut = () => sockets.get(stream.session?.socket.remotePort)?.destroy();
    void answer(front, stream, headers, cut).catch((error: unknown) => {
      fail(stream, INTERNAL, String(error));
    });
  });
  return server;
}

async function answer(
  front: Front,
  stream: ServerHttp2Stream,
  raw: IncomingHttpHeaders,
  cut: () => void,
): Promise<void> {
  const path = raw[':path'] ?? '/';
  const headers = plainHeaders(raw);
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = unframed(Buffer.concat(chunks));
  const fault = await front.receive({ transport: 'grpc', method: 'POST', path, headers, body });
  if (stream.destroyed) return;
  const { refuse } = fault;
  if (refuse !== undefined) {
    const message = refuse.message ?? `The fake was told to refuse this with ${refuse.status}`;
    fail(stream, CODES[refuse.status] ?? INTERNAL, message, refuse.retryAfterSeconds);
    return;
  }
  try {
    if (!OPEN_ROUTES.has(path)) front.authorize(headers);
    const message = answerGrpc(front.database, path, body, fault.alterPage ?? ((page) => page));
    const gzip = /\bgzip\b/.test(headers['grpc-accept-encoding'] ?? '');
    send(stream, framed(fault.alterBody?.(message) ?? message, gzip), gzip, fault, cut);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    fail(stream, error.grpcCode, error.message);
  }
}

function unframed(frame: Buffer): Uint8Array {
  const message = frame.subarray(PREFIX_BYTES);
  return frame[0] === 1 ? gunzipSync(message) : message;
}

function framed(message: Uint8Array, gzip: boolean): Uint8Array {
  const body = gzip ? gzipSync(message) : message;
  const frame = Buffer.alloc(PREFIX_BYTES + body.length);
  frame[0] = gzip ? 1 : 0;
  frame.writeUInt32BE(body.length, 1);
  frame.set(body, PREFIX_BYTES);
  return frame;
}

function send(stream: ServerHttp2Stream, frame: Uint8Array, gzip: boolean, fault: QdrantFault, cut: () => void): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...(gzip ? { 'grpc-encoding': 'gzip' } : {}) },
    { waitForTrailers: true },
  );
  if (fault.cutAfterBytes !== undefined) {
    stream.write(frame.subarray(0, PREFIX_BYTES + fault.cutAfterBytes), () => setImmediate(cut));
    return;
  }
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frame);
}

function fail(stream: ServerHttp2Stream, code: number, message: string, retryAfterSeconds?: number): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURIComponent(message).replaceAll('%20', ' '),
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    { endStream: true },
  );
}
