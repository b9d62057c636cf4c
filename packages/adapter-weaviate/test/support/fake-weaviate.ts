import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { ProtoReader, ProtoWriter } from '@vecport/wire';

/** An object as the fake gives it. */
export interface FakeObject {
  readonly uuid: string;
  readonly vector?: readonly number[];
  /** Text of the reserved property. */
  readonly reserved?: string;
}

/** A search as it was asked for. */
export interface FakeSearch {
  readonly after: string | undefined;
  readonly limit: number;
  /** The uuids a filter names. */
  readonly uuids: readonly string[];
  /** Searches before this one. */
  readonly earlier: number;
}

/** What a gRPC method answers: a message, a status, part of a message, or the end of the connection. */
export type FakeAnswer =
  | { readonly message: Uint8Array; readonly cutAt?: number }
  | { readonly status: number; readonly details: string; readonly retryAfterMs?: number }
  | 'cut'
  | 'silence';

/** How the fake behaves. */
export interface FakeBehaviour {
  readonly schema?: unknown;
  readonly search?: (search: FakeSearch) => FakeAnswer;
  readonly count?: (earlier: number) => number;
  readonly batch?: (objects: number) => FakeAnswer;
  readonly health?: number;
  /** Answers of the REST interface but for schema and meta; `undefined` is 404. */
  readonly rest?: (path: string, earlier: number) => FakeRest | undefined;
}

/** An answer of the REST interface. */
interface FakeRest {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** End the connection after so many bytes. */
  readonly cutAt?: number;
}

/** A running fake. */
export interface FakeWeaviate {
  readonly settings: { readonly url: string; readonly grpcUrl: string };
  /** The `authorization` of every request so far, of both interfaces. */
  readonly authorizations: readonly (string | undefined)[];
  /** gRPC calls that have begun and not ended. */
  openCalls(): number;
  close(): Promise<void>;
}

/** A class with one vector, made by Vecport. */
export const OWN_SCHEMA = {
  class: 'Fake',
  properties: [
    {
      name: '_vecport',
      dataType: ['text'],
      description:
        '{"vecport":1,"vectors":[{"name":"default","dimension":2,"elementType":"float32"}],"idKinds":["string","uuid"],"fields":[]}',
    },
  ],
  vectorConfig: { default: { vectorIndexType: 'hnsw', vectorIndexConfig: { distance: 'cosine' } } },
};

/** Start a server that speaks as much of both interfaces as reads and writes need. */
export async function fakeWeaviate(behaviour: FakeBehaviour): Promise<FakeWeaviate> {
  let searches = 0;
  let counts = 0;
  let rests = 0;
  let open = 0;
  const sessions = new Set<Http2Session>();
  const authorizations: (string | undefined)[] = [];
  const answer = (path: string, message: Uint8Array): FakeAnswer => {
    if (path.endsWith('/Check')) return { message: new ProtoWriter().varint(1, behaviour.health ?? 1).finish() };
    if (path.endsWith('/Search')) {
      const search = readSearch(message, searches++);
      return behaviour.search?.(search) ?? { message: searchReply([]) };
    }
    if (path.endsWith('/Aggregate')) return { message: countReply(behaviour.count?.(counts++) ?? 0) };
    if (path.endsWith('/BatchObjects'))
      return behaviour.batch?.(countObjects(message)) ?? { message: new Uint8Array(0) };
    return { status: 12, details: `The fake does not know ${path}.` };
  };
  const grpc = createHttp2Server();
  grpc.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  grpc.on('stream', (stream, headers) => {
    open++;
    authorizations.push(headers.authorization);
    stream.on('close', () => open--);
    stream.on('error', () => {});
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => respond(stream, answer(String(headers[':path']), Buffer.concat(chunks).subarray(5))));
  });
  const http = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    respondRest(request, response, behaviour, () => rests++);
  });
  const [grpcPort, port] = await Promise.all([listen(grpc as unknown as Server), listen(http as unknown as Server)]);
  return {
    settings: { url: `http://127.0.0.1:${port}`, grpcUrl: `127.0.0.1:${grpcPort}` },
    authorizations,
    openCalls: () => open,
    close: async () => {
      for (const session of sessions) session.destroy();
      http.closeAllConnections();
      await Promise.all([grpc, http].map(async (server) => new Promise((done) => server.close(done))));
    },
  };
}

/** A `SearchReply`. */
export function searchReply(objects: readonly FakeObject[]): Uint8Array {
  const writer = new ProtoWriter();
  for (const { uuid, vector, reserved } of objects) {
    writer.message(2, (result) => {
      result.message(1, (properties) => {
        properties.message(11, (fields) => {
          if (reserved === undefined) return;
          fields.message(1, (entry) => entry.text(1, '_vecport').message(2, (value) => value.text(13, reserved)));
        });
      });
      result.message(2, (metadata) => {
        if (uuid !== '') metadata.text(1, uuid);
        if (vector === undefined) return;
        const bytes = new Uint8Array(Float32Array.from(vector).buffer);
        metadata.message(23, (named) => named.text(1, 'default').data(3, bytes).varint(4, 1));
      });
    });
  }
  return writer.finish();
}

/** The page an honest server gives of objects that are in order. */
export function honestPage(objects: readonly FakeObject[], { after, limit, uuids }: FakeSearch): readonly FakeObject[] {
  if (uuids.length > 0) return objects.filter(({ uuid }) => uuids.includes(uuid));
  return objects.filter(({ uuid }) => after === undefined || uuid > after).slice(0, limit);
}

function countReply(count: number): Uint8Array {
  return new ProtoWriter().message(2, (single) => single.varint(1, count)).finish();
}

function readSearch(message: Uint8Array, earlier: number): FakeSearch {
  const reader = new ProtoReader(message);
  let after: string | undefined;
  let limit = 0;
  const uuids: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 30) limit = reader.varint();
    else if (field === 33) after = reader.text();
    else if (field === 40) readTexts(reader, uuids);
    else reader.skip();
  }
  return { after, limit, uuids, earlier };
}

function readTexts(reader: ProtoReader, texts: string[]): void {
  const outer = reader.enter();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 9) {
      reader.skip();
      continue;
    }
    const list = reader.enter();
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) texts.push(reader.text());
    reader.leave(list);
  }
  reader.leave(outer);
}

function countObjects(message: Uint8Array): number {
  const reader = new ProtoReader(message);
  let objects = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) objects++;
    reader.skip();
  }
  return objects;
}

function respond(stream: ServerHttp2Stream, answer: FakeAnswer): void {
  if (stream.destroyed || answer === 'silence') return;
  if (answer === 'cut') {
    stream.session?.destroy();
    return;
  }
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if ('status' in answer) {
    const pushback = answer.retryAfterMs === undefined ? {} : { 'grpc-retry-pushback-ms': String(answer.retryAfterMs) };
    stream.respond(
      {
        ...headers,
        'grpc-status': String(answer.status),
        'grpc-message': encodeURIComponent(answer.details),
        ...pushback,
      },
      { endStream: true },
    );
    return;
  }
  const frame = Buffer.alloc(5 + answer.message.length);
  frame.writeUInt32BE(answer.message.length, 1);
  frame.set(answer.message, 5);
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    if (answer.cutAt === undefined) stream.sendTrailers({ 'grpc-status': '0' });
    else stream.close();
  });
  stream.end(answer.cutAt === undefined ? frame : frame.subarray(0, 5 + answer.cutAt));
}

function respondRest(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: FakeBehaviour,
  earlier: () => number,
): void {
  const path = request.url ?? '';
  const send = ({ status, body, headers = {}, cutAt }: FakeRest): void => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    if (cutAt === undefined) {
      response.end(body);
      return;
    }
    response.write(body.slice(0, cutAt), () => response.destroy());
  };
  if (path === '/v1/meta') send({ status: 200, body: '{"version":"1.39.0","grpcMaxMessageSize":1000000}' });
  else if (path.startsWith('/v1/schema/')) send({ status: 200, body: JSON.stringify(behaviour.schema ?? OWN_SCHEMA) });
  else send(behaviour.rest?.(path, earlier()) ?? { status: 404, body: '' });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}
