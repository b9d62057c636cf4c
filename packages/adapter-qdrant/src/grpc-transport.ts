import { type AllocateBytes, bytePool, type GrpcChannel, retryRead } from '@vecport/wire';
import { checkWritten } from './check-written.js';
import type { QdrantConfig } from './config.js';
import { serverCall } from './errors.js';
import {
  countMessage,
  deleteMessage,
  getMessage,
  nearestMessage,
  sampleMessage,
  scrollMessage,
  upsertMessage,
} from './grpc-messages.js';
import {
  readCountResponse,
  readGetResponse,
  readQueryResponse,
  readScrollResponse,
  readUpdateStatus,
} from './grpc-points.js';
import { PayloadPrinter } from './payload-printer.js';
import type { PointTransport } from './points.js';

/** Names of `UpdateStatus`, as the REST interface spells them. */
const UPDATE_STATUS = ['unknown', 'acknowledged', 'completed', 'clock_rejected', 'wait_timeout'];

type Call = (
  method: string,
  message: Uint8Array,
  signal: AbortSignal | undefined,
  allocate?: AllocateBytes,
) => Promise<Uint8Array>;

/** Points over gRPC. Reads are tried again when the server is busy or the connection is lost; writes are not. */
export function grpcTransport(channel: GrpcChannel, { timeoutMs }: QdrantConfig): PointTransport {
  const pages = bytePool();
  const requests = bytePool();
  const printer = new PayloadPrinter();
  const call: Call = async (method, message, signal, allocate) =>
    serverCall(signal, async () => channel.unary(`/qdrant.Points/${method}`, message, { signal, timeoutMs, allocate }));
  const read: Call = async (method, message, signal, allocate) =>
    retryRead(async () => call(method, message, signal, allocate), { signal });
  return {
    scroll: async (request, layout) => {
      const { signal, to, builders } = request;
      const message = await read('Scroll', scrollMessage(request), signal, pages.take);
      return readScrollResponse(message, { layout, to, builders, printer }, pages);
    },
    retrieve: async (ids, point, layout) =>
      readGetResponse(await read('Get', getMessage(point, ids), point.signal), layout),
    sample: async (limit, filter, point) =>
      readQueryResponse(await read('Query', sampleMessage(point, limit, filter), point.signal)).map(
        ({ pointId }) => pointId,
      ),
    nearest: async (request) => readQueryResponse(await read('Query', nearestMessage(request), request.signal)),
    count: async (filter, point) => readCountResponse(await read('Count', countMessage(point, filter), point.signal)),
    upsert: async (request, layout) => {
      const message = upsertMessage(request, layout, requests.take);
      const answer = await call('Upsert', message, request.signal);
      requests.give(message);
      checkWritten(UPDATE_STATUS[readUpdateStatus(answer)] ?? 'unknown');
    },
    remove: async (ids, point) => {
      const answer = await call('Delete', deleteMessage(point, ids), point.signal);
      checkWritten(UPDATE_STATUS[readUpdateStatus(answer)] ?? 'unknown');
    },
    check: async ({ signal, timeoutMs: within }) => {
      const options = { signal, timeoutMs: within };
      await serverCall(signal, async () => channel.unary('/qdrant.Collections/List', new Uint8Array(0), options));
    },
  };
}
