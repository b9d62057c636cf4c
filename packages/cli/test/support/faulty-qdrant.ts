import { type FakeQdrant, type FakeQdrantRequest, type QdrantFaultSource, startFakeQdrant } from '@vecport/testkit';
import { openGate, type TcpGate } from './tcp-gate.js';

/** Both ways points are read and written. */
export type Transport = 'grpc' | 'http';

/** A server that something goes wrong with. */
export interface FaultyQdrant {
  readonly fake: FakeQdrant;
  /** The store, over one of its interfaces. */
  url(transport: Transport): string;
  /** Something goes wrong with requests from now on; how often is counted. */
  fail(fault: QdrantFaultSource): void;
  /** Something goes wrong with requests that read or write points, counted from 1 on. */
  failPoints(fault: (n: number, request: FakeQdrantRequest) => ReturnType<QdrantFaultSource>): void;
  /** How often something went wrong. */
  failures(): number;
  heal(): void;
  /** Be gone, at both ports. */
  goDown(): Promise<void>;
  /** Be there again, with what was there. */
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

/** Start one. Seen from its clients, going down and coming up is a restart that loses nothing. */
export async function startFaultyQdrant(): Promise<FaultyQdrant> {
  const fake = await startFakeQdrant();
  const rest = await openGate(fake.httpPort);
  const grpc = await openGate(fake.grpcPort);
  const both = async (work: (gate: TcpGate) => Promise<void>): Promise<void> => {
    await Promise.all([rest, grpc].map(work));
  };
  let failures = 0;
  const fail: FaultyQdrant['fail'] = (faultOf) => {
    fake.faults = async (request) => {
      const fault = await faultOf(request);
      if (fault !== undefined) failures++;
      return fault;
    };
  };
  return {
    fake,
    url: (transport) =>
      `qdrant${transport === 'http' ? '+http' : ''}://127.0.0.1:${rest.port}/items?grpc-port=${grpc.port}`,
    fail,
    failPoints: (faultOf) => {
      let points = 0;
      fail(async (request) => (isAboutPoints(request) ? faultOf(++points, request) : undefined));
    },
    failures: () => failures,
    heal: () => {
      fake.faults = undefined;
    },
    goDown: async () => both(async (gate) => gate.shut()),
    comeUp: async () => both(async (gate) => gate.open()),
    close: async () => {
      await both(async (gate) => gate.close());
      await fake.close();
    },
  };
}

/** Pages of a full read and writes; over gRPC `Scroll` and `Upsert`, over REST `…/points/scroll` and `PUT …/points`. */
function isAboutPoints({ method, path }: FakeQdrantRequest): boolean {
  const [route = ''] = path.split('?');
  return /\/(?:Scroll|Upsert)$|\/points\/scroll$/.test(route) || (method === 'PUT' && route.endsWith('/points'));
}
