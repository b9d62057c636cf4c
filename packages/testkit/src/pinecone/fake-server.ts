import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type FakeFault,
  type FakeOperation,
  type FakeReply,
  type FakeRequest,
  plainReply,
  Refused,
  rpcError,
} from './fake-reply.js';

/** What every port of the fake shares. */
export interface FakeHttp {
  readonly apiKey: string;
  readonly maxUrlBytes: number;
  record(request: Omit<FakeRequest, 'number'>): FakeRequest;
  fault(request: FakeRequest): FakeFault | undefined;
}

type Answer = (request: FakeRequest) => Promise<FakeReply>;

/** Listen on a free port of loopback. */
export async function serve(
  http: FakeHttp,
  index: string | undefined,
  answer: Answer,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((incoming, response) => {
    respond(http, index, answer, incoming, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Stop listening and cut all connections. */
export async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

async function respond(
  http: FakeHttp,
  index: string | undefined,
  answer: Answer,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = http.record(await readRequest(index, incoming));
  const fault = http.fault(request);
  if (fault !== undefined && 'wait' in fault) await fault.wait;
  if (fault !== undefined && 'status' in fault) {
    send(response, fault);
    return;
  }
  const reply = await trueReply(http, answer, request, incoming.url ?? '');
  if (fault !== undefined && 'cutAfter' in fault) cut(response, reply, fault.cutAfter);
  else send(response, fault !== undefined && 'alter' in fault ? fault.alter(reply) : reply);
}

async function trueReply(http: FakeHttp, answer: Answer, request: FakeRequest, url: string): Promise<FakeReply> {
  if (request.headers['api-key'] !== http.apiKey) return plainReply(401, 'Invalid API Key');
  if (Buffer.byteLength(url) > http.maxUrlBytes) return plainReply(414, 'URI Too Long');
  try {
    return await answer(request);
  } catch (error) {
    if (error instanceof Refused) return error.reply;
    return rpcError(500, 13, `internal error of the fake: ${String(error)}`);
  }
}

async function readRequest(index: string | undefined, incoming: IncomingMessage): Promise<Omit<FakeRequest, 'number'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://fake');
  const method = incoming.method ?? 'GET';
  return {
    operation: operationOf(method, path, index),
    index,
    method,
    path,
    query,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function send(response: ServerResponse, { status, body, headers }: FakeReply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

function cut(response: ServerResponse, { status, body }: FakeReply, bytes: number): void {
  if (bytes === 0) {
    response.destroy();
    return;
  }
  const whole = Buffer.from(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': whole.length });
  response.write(whole.subarray(0, bytes), () => {
    response.destroy();
  });
}

const DATA_OPERATIONS: ReadonlyMap<string, FakeOperation> = new Map([
  ['POST /vectors/upsert', 'upsert'],
  ['GET /vectors/fetch', 'fetch'],
  ['POST /vectors/fetch_by_metadata', 'fetch-by-metadata'],
  ['GET /vectors/list', 'list'],
  ['POST /query', 'query'],
  ['POST /vectors/delete', 'delete'],
  ['POST /vectors/update', 'update'],
  ['POST /describe_index_stats', 'stats'],
  ['GET /describe_index_stats', 'stats'],
  ['GET /namespaces', 'list-namespaces'],
  ['POST /namespaces', 'create-namespace'],
  ['GET /namespaces/*', 'describe-namespace'],
  ['DELETE /namespaces/*', 'delete-namespace'],
]);
const CONTROL_OPERATIONS: ReadonlyMap<string, FakeOperation> = new Map([
  ['GET /indexes', 'list-indexes'],
  ['POST /indexes', 'create-index'],
  ['GET /indexes/*', 'describe-index'],
  ['PATCH /indexes/*', 'configure-index'],
  ['DELETE /indexes/*', 'delete-index'],
]);

function operationOf(method: string, path: string, index: string | undefined): FakeOperation {
  const known = index === undefined ? CONTROL_OPERATIONS : DATA_OPERATIONS;
  const general = path.replace(/^\/(indexes|namespaces)\/.+$/, '/$1/*');
  return known.get(`${method} ${general}`) ?? 'unknown';
}
