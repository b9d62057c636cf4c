import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { VecportError } from '@vecport/abstractions';

/** Only this machine can connect. */
const LOOPBACK = '127.0.0.1';
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const CLOSE_TIMEOUT_MS = 5000;

/** A server that accepts connections. */
export interface RunningServer {
  /** E.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Accept no more, let running requests finish for five seconds, then cut them. A second call does nothing. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0 stands for any free one. */
  readonly port: number;
  /** How many ports to try, this one and those after it. */
  readonly attempts: number;
  /** The address; 127.0.0.1, which only this machine reaches, if not said. */
  readonly host?: string | undefined;
}

/**
 * Serve at an address.
 * @throws VecportError `conflict` when all ports that may be tried are taken.
 */
export async function listen(
  handler: RequestListener,
  { port, attempts, host = LOOPBACK }: ListenOptions,
): Promise<RunningServer> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const server = await tryPort(handler, port + attempt, host);
    if (server !== undefined) return running(server, EVERYWHERE.has(host) ? LOOPBACK : host);
  }
  const tried = attempts === 1 ? `The port ${port} is` : `The ports ${port} to ${port + attempts - 1} are`;
  throw new VecportError('conflict', `${tried} taken.`, { advice: 'Choose a free one with --port.' });
}

async function tryPort(handler: RequestListener, port: number, host: string): Promise<Server | undefined> {
  const server = createServer(handler);
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

function running(server: Server, host: string): RunningServer {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  // A connection that was busy when the server closed would be kept alive for the next request.
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}
