import http2 from 'node:http2';
import type { GrpcCallOptions } from './grpc-channel.js';
import { GRPC_STATUS, GrpcError } from './grpc-status.js';
import { MessageBuffer } from './message-buffer.js';

const PREFIX = 5;

/** One unary call over a session. See `GrpcChannel.unary`. */
export async function unaryCall(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  message: Uint8Array,
  { signal, timeoutMs, allocate }: GrpcCallOptions,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  let stream: http2.ClientHttp2Stream;
  try {
    stream = session.request(headers, { endStream: false });
  } catch (cause) {
    throw unavailable(cause);
  }
  const body = new MessageBuffer(allocate);
  let status: Trailers | undefined;
  let failure: unknown;
  const stop = (reason: unknown): void => {
    failure ??= reason;
    stream.close(http2.constants.NGHTTP2_CANCEL);
  };
  const onAbort = (): void => stop(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => stop(new GrpcError(GRPC_STATUS.DEADLINE_EXCEEDED, `No answer in ${timeoutMs} ms.`)),
          timeoutMs,
        );
  stream.on('response', (answer) => {
    status = trailersOf(answer) ?? status;
    const http = Number(answer[':status']);
    if (http !== 200) failure ??= httpFailure(http, answer);
  });
  stream.on('trailers', (trailers: http2.IncomingHttpHeaders) => {
    status = trailersOf(trailers) ?? status;
  });
  stream.on('data', (chunk: Buffer) => {
    if (failure !== undefined) return;
    try {
      body.push(chunk);
    } catch (error) {
      stop(error);
    }
  });
  stream.on('error', (cause) => {
    failure ??= unavailable(cause);
  });
  stream.on('close', () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    // What the server says wins over how the stream ended.
    if (failure !== undefined && !isRefusal(status)) reject(failure);
    else settle(() => answerOf(body, status), resolve, reject);
  });
  send(stream, message);
  return promise;
}

/** Prefix and message in one write, the message not copied. */
function send(stream: http2.ClientHttp2Stream, message: Uint8Array): void {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  stream.cork();
  stream.write(prefix);
  stream.end(message);
}

interface Trailers {
  readonly code: number;
  readonly details: string;
  readonly retryAfterMs: number | undefined;
}

function trailersOf(headers: http2.IncomingHttpHeaders): Trailers | undefined {
  const code = headers['grpc-status'];
  if (code === undefined) return undefined;
  const pushback = Number(headers['grpc-retry-pushback-ms'] ?? Number.NaN);
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  const retryAfterMs = Number.isFinite(pushback) ? pushback : Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return { code: Number(code), details: decodeDetails(String(headers['grpc-message'] ?? '')), retryAfterMs };
}

function settle<T>(work: () => T, resolve: (value: T) => void, reject: (reason: unknown) => void): void {
  try {
    resolve(work());
  } catch (error) {
    reject(error);
  }
}

function isRefusal(status: Trailers | undefined): boolean {
  return status !== undefined && status.code !== GRPC_STATUS.OK;
}

function answerOf(body: MessageBuffer, status: Trailers | undefined): Uint8Array {
  if (status !== undefined && status.code !== GRPC_STATUS.OK) {
    throw new GrpcError(status.code, status.details, { retryAfterMs: status.retryAfterMs });
  }
  if (status === undefined) throw new GrpcError(GRPC_STATUS.UNAVAILABLE, 'The connection ended before the answer did.');
  return body.message();
}

function httpFailure(status: number, headers: http2.IncomingHttpHeaders): GrpcError {
  const { UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED, UNAVAILABLE, RESOURCE_EXHAUSTED, UNKNOWN } = GRPC_STATUS;
  const codes: Readonly<Record<number, number>> = {
    401: UNAUTHENTICATED,
    403: PERMISSION_DENIED,
    404: UNIMPLEMENTED,
    429: RESOURCE_EXHAUSTED,
    502: UNAVAILABLE,
    503: UNAVAILABLE,
    504: UNAVAILABLE,
  };
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return new GrpcError(codes[status] ?? UNKNOWN, `HTTP ${status}`, {
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  });
}

function unavailable(cause: unknown): GrpcError {
  const details = cause instanceof Error ? cause.message : String(cause);
  return new GrpcError(GRPC_STATUS.UNAVAILABLE, details === '' ? 'No connection.' : details, { cause });
}

/** The message of a status is percent-encoded. */
function decodeDetails(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
