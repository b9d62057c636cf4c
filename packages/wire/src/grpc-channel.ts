import http2 from 'node:http2';
import { unaryCall } from './grpc-call.js';
import { GRPC_STATUS, GrpcError } from './grpc-status.js';
import type { AllocateBytes } from './message-buffer.js';

/** Where and how to call. */
export interface GrpcChannelOptions {
  readonly host: string;
  readonly port: number;
  /** TLS, with the certificates of the system or with `ca` (PEM). */
  readonly tls?: boolean | { readonly ca?: string | Buffer | undefined } | undefined;
  /** Sent with every call, e.g. an API key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly userAgent?: string | undefined;
}

/** How one call is made. */
export interface GrpcCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; also sent to the server as the call's deadline. None if not said. */
  readonly timeoutMs?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Where the answer's message goes, so that memory can be used again; memory of its own if not said. */
  readonly allocate?: AllocateBytes | undefined;
}

/**
 * Unary gRPC calls whose messages are bytes. Compression is never offered: servers spend more time
 * deflating floats than sending them. Calls may overlap.
 */
export interface GrpcChannel {
  /**
   * Send a message to `/package.Service/Method` and get the answer's message. The message is not copied: it must not change
   * before the answer is there.
   * @throws GrpcError with the server's status; `UNAVAILABLE` when there is no connection or it is lost;
   * `DEADLINE_EXCEEDED` when the time is over. The signal's reason when it is aborted.
   */
  unary(path: string, message: Uint8Array, options?: GrpcCallOptions): Promise<Uint8Array>;
  /** Close the connection; calls under way fail. */
  close(): void;
}

const WINDOW = 8 * 1024 * 1024;
/** Of what is under way in a connection; a tenth of it, the default, ends calls that write several large messages at once. */
const MOST_MEGABYTES = 1000;

/** A channel. It connects at the first call, and again at the first call after the connection was lost. */
export function openGrpcChannel(options: GrpcChannelOptions): GrpcChannel {
  let session: http2.ClientHttp2Session | undefined;
  let closed = false;
  let underWay = 0;
  const connected = (): http2.ClientHttp2Session => {
    if (closed) throw new GrpcError(GRPC_STATUS.CANCELLED, 'The channel is closed.');
    if (session === undefined || session.closed || session.destroyed) session = connect(options);
    return session;
  };
  return {
    unary: async (path, message, call = {}) => {
      call.signal?.throwIfAborted();
      const headers = {
        ...options.metadata,
        ...call.metadata,
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-accept-encoding': 'identity',
        'user-agent': options.userAgent ?? 'vecport',
        ...(call.timeoutMs === undefined ? {} : { 'grpc-timeout': timeoutHeader(call.timeoutMs) }),
      };
      const used = connected();
      // A call under way keeps the process alive, an idle connection does not.
      underWay++;
      used.ref();
      try {
        return await unaryCall(used, headers, message, call);
      } finally {
        underWay--;
        if (underWay === 0 && !used.destroyed) used.unref();
      }
    },
    close: () => {
      closed = true;
      session?.destroy();
    },
  };
}

function connect({ host, port, tls = false }: GrpcChannelOptions): http2.ClientHttp2Session {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const session = http2.connect(`${tls === false ? 'http' : 'https'}://${name}:${port}`, {
    settings: { initialWindowSize: WINDOW, enablePush: false },
    maxSessionMemory: MOST_MEGABYTES,
    ...(typeof tls === 'object' && tls.ca !== undefined ? { ca: tls.ca } : {}),
  });
  // The event may come when the channel was closed meanwhile, and the call would then end the process.
  session.once('connect', () => {
    if (!session.destroyed) session.setLocalWindowSize(2 * WINDOW);
  });
  // Every call reports a lost connection itself; without a listener the process would end.
  session.on('error', () => {});
  return session;
}

/** At most eight digits and a unit. */
function timeoutHeader(milliseconds: number): string {
  const whole = Math.max(1, Math.ceil(milliseconds));
  return whole < 1e8 ? `${whole}m` : `${Math.min(99_999_999, Math.ceil(whole / 1000))}S`;
}
