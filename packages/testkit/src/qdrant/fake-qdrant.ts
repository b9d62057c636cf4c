import type { Server } from 'node:http';
import type { Http2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Collection } from './collection.js';
import type { FakeQdrantRequest, QdrantFaultSource } from './fault.js';
import { createFront } from './front.js';
import { createGrpcServer } from './grpc-server.js';
import { createRestServer } from './rest-server.js';

/** Settings of {@link startFakeQdrant}. */
export interface FakeQdrantOptions {
  /** Port of the REST interface on 127.0.0.1; any free one unless given. */
  readonly port?: number | undefined;
  /** Port of the gRPC interface on 127.0.0.1; any free one unless given. */
  readonly grpcPort?: number | undefined;
  /** The key requests must have (`api-key`, or a bearer token). Without one everybody may. */
  readonly apiKey?: string | undefined;
  readonly faults?: QdrantFaultSource | undefined;
}

/** A Qdrant that is running. */
export interface FakeQdrant {
  readonly httpUrl: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** What goes wrong from now on. May be set at any time. */
  faults: QdrantFaultSource | undefined;
  /** A collection's state, to change it behind the clients' backs. @throws Error when there is none. */
  collection(name: string): Collection;
  /** Every request so far, in the order they came in. Bodies beyond 64 KiB are left out (empty). */
  requests(): readonly FakeQdrantRequest[];
  /** How many connections are open now, on both interfaces. */
  openConnections(): number;
  /** Breaks the connections that are open and gives the ports back. */
  close(): Promise<void>;
}

/**
 * Start a stateful fake of Qdrant 1.18.3: a REST and a gRPC server on loopback over one state in memory. It
 * answers as recordings of a real server do (a test compares them), so official clients run over it. What
 * it leaves out answers 501 or code 12, by name. The caller closes it.
 */
export async function startFakeQdrant(options: FakeQdrantOptions = {}): Promise<FakeQdrant> {
  const front = createFront(options.apiKey, options.faults);
  const sockets = new Set<Socket>();
  const rest = await listen(createRestServer(front), options.port ?? 0, sockets);
  const grpc = await listen(createGrpcServer(front), options.grpcPort ?? 0, sockets);
  return {
    httpUrl: `http://127.0.0.1:${rest.port}`,
    httpPort: rest.port,
    grpcPort: grpc.port,
    get faults() {
      return front.faults;
    },
    set faults(faults) {
      front.faults = faults;
    },
    collection: (name) => front.database.collection(name),
    requests: () => front.requests,
    openConnections: () => sockets.size,
    close: async () => {
      const closed = Promise.all([rest.close(), grpc.close()]);
      for (const socket of sockets) socket.destroy();
      await closed;
      sockets.clear();
    },
  };
}

interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

async function listen(server: Server | Http2Server, port: number, sockets: Set<Socket>): Promise<Listening> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
