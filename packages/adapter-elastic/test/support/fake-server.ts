import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A document of the fake, with its sequence number and its place in its shard. */
export interface FakeDocument {
  readonly id: string;
  readonly seq: number;
  readonly place: number;
  readonly source: string;
}

/** What the fake is asked, before it answers. */
interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: FakeSearch;
  /** How many requests of this kind (see {@link kindOf}) came before. */
  readonly nth: number;
}

/** The body of a search, as far as the fake reads it. */
interface FakeSearch {
  readonly size?: number;
  readonly pit?: { readonly id: string };
  readonly search_after?: readonly number[];
  readonly query?: object;
  readonly scroll_id?: string | readonly string[];
  readonly id?: string;
}

/** An answer as it goes out. */
export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Break the connection after this many bytes of the body. */
  readonly cutAt?: number;
}

/** Changes an answer of a kind; `undefined` leaves it. */
type Lie = (request: FakeRequest, honest: () => FakeAnswer) => FakeAnswer | undefined;

/** A server that speaks as much of Elasticsearch as an export needs, and lies when told to. */
export interface FakeServer {
  readonly url: string;
  /** Documents now; a point in time keeps those it was opened with. */
  documents: FakeDocument[];
  /** Points in time and scrolls that are open. */
  readonly open: Map<string, { readonly documents: readonly FakeDocument[]; at: number; size: number }>;
  readonly requests: readonly FakeRequest[];
  lies: Partial<Record<FakeKind, Lie>>;
  close(): Promise<void>;
}

/** What a request is about. */
type FakeKind = 'root' | 'index' | 'open' | 'close' | 'search' | 'scroll' | 'count' | 'clear' | 'bulk' | 'mget';

const PRODUCT = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const MAPPING = {
  dynamic: false,
  properties: { vector: { type: 'dense_vector', dims: 2, index: true, similarity: 'l2_norm' } },
};

/** Start a fake with these documents. */
export async function fakeServer(documents: readonly FakeDocument[] = fakeDocuments(25)): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    void receive(incoming).then((text) => {
      const [path = '/'] = (incoming.url ?? '/').split('?');
      const isBulk = path.endsWith('/_bulk');
      const body = (text === '' || isBulk ? {} : JSON.parse(text)) as FakeSearch;
      const kind = kindOf(incoming.method ?? '', path);
      const nth = requests.filter((other) => kindOf(other.method, other.path) === kind).length;
      const request: FakeRequest = { method: incoming.method ?? '', path, headers: incoming.headers, body, nth };
      requests.push(request);
      const honest = (): FakeAnswer => answer(fake, kind, request, incoming.url ?? '');
      send(response, fake.lies[kind]?.(request, honest) ?? honest());
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const fake: FakeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    documents: [...documents],
    open: new Map(),
    requests,
    lies: {},
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return fake;
}

/** Documents with ascending sequence numbers. */
export function fakeDocuments(count: number): FakeDocument[] {
  return Array.from({ length: count }, (_, n) => fakeDocument(n));
}

/** A document whose vector and metadata tell its number. */
export function fakeDocument(n: number, seq = n, place = n): FakeDocument {
  return { id: `d${String(n).padStart(3, '0')}`, seq, place, source: `{"vector":[${n},0.5],"n":${n}}` };
}

/** JSON as the server sends it. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): FakeAnswer {
  return { status, body: JSON.stringify(body), headers };
}

/** The error of a point in time or scroll that is not there. */
export function contextMissing(): FakeAnswer {
  const reason = { type: 'search_context_missing_exception', reason: 'No search context found for id [7]' };
  return json({ error: { root_cause: [reason], ...reason }, status: 404 }, 404);
}

function kindOf(method: string, path: string): FakeKind {
  if (path === '/') return 'root';
  if (path === '/_search/scroll') return method === 'DELETE' ? 'clear' : 'scroll';
  if (path.endsWith('/_pit')) return method === 'DELETE' ? 'close' : 'open';
  if (path.endsWith('/_search')) return 'search';
  if (path.endsWith('/_count')) return 'count';
  if (path.endsWith('/_bulk')) return 'bulk';
  return path.endsWith('/_mget') ? 'mget' : 'index';
}

function answer(fake: FakeServer, kind: FakeKind, request: FakeRequest, url: string): FakeAnswer {
  switch (kind) {
    case 'root':
      return json({ version: { number: '9.5.3', build_flavor: 'default' }, tagline: 'You Know, for Search' });
    case 'index':
      return json({
        points: { aliases: {}, mappings: MAPPING, settings: { index: { number_of_shards: '1', uuid: 'uuid-1' } } },
      });
    case 'open': {
      const id = `pit${fake.requests.length}`;
      fake.open.set(id, { documents: [...fake.documents], at: 0, size: 0 });
      return json({ id });
    }
    case 'close':
      return json({ succeeded: fake.open.delete(request.body.id ?? ''), num_freed: 1 });
    case 'clear':
      for (const id of [request.body.scroll_id ?? []].flat()) fake.open.delete(id);
      return json({ succeeded: true });
    case 'count':
      return json({ count: fake.documents.length, _shards: { total: 1, successful: 1, failed: 0 } });
    case 'scroll':
      return scrollPage(fake, String(request.body.scroll_id));
    case 'search':
      return url.includes('scroll=') ? firstScrollPage(fake, request) : pitPage(fake, request);
    default:
      return json({ items: [], errors: false });
  }
}

function pitPage(fake: FakeServer, { body }: FakeRequest): FakeAnswer {
  const { pit, search_after: after, size = 10, query } = body;
  const held = pit === undefined ? { documents: fake.documents } : fake.open.get(pit.id);
  if (held === undefined) return contextMissing();
  const matching = matches(held.documents, query);
  const rest = matching.filter(({ seq, place }) => {
    const [lastSeq = -1, lastPlace = -1] = after ?? [];
    return seq > lastSeq || (seq === lastSeq && place > lastPlace);
  });
  return page(rest.slice(0, size), matching, { pit_id: pit?.id }, ({ seq, place }) => [seq, place]);
}

function firstScrollPage(fake: FakeServer, { body: { size = 10, query } }: FakeRequest): FakeAnswer {
  const id = `scroll${fake.requests.length}`;
  fake.open.set(id, { documents: matches(fake.documents, query), at: 0, size });
  return scrollPage(fake, id);
}

function scrollPage(fake: FakeServer, id: string): FakeAnswer {
  const held = fake.open.get(id);
  if (held === undefined) return contextMissing();
  const part = held.documents.slice(held.at, held.at + held.size);
  held.at += held.size;
  return page(part, held.documents, { _scroll_id: id }, ({ seq }) => [seq]);
}

/** The answer of a search with these documents, of all that match. */
export function page(
  part: readonly FakeDocument[],
  all: readonly FakeDocument[],
  head: object,
  sort: (document: FakeDocument) => readonly number[] = ({ seq, place }) => [seq, place],
): FakeAnswer {
  const hits = part.map((document) => {
    const { id, source } = document;
    return `{"_index":"points","_id":"${id}","_score":null,"_source":${source},"sort":${JSON.stringify(sort(document))}}`;
  });
  const seqs = all.map(({ seq }) => seq);
  const stats = {
    count: seqs.length,
    min: seqs.length === 0 ? null : Math.min(...seqs),
    max: seqs.length === 0 ? null : Math.max(...seqs),
    sum: seqs.reduce((sum, seq) => sum + seq, 0),
  };
  const start = JSON.stringify({ ...head, took: 1, timed_out: false, _shards: { total: 1, successful: 1, failed: 0 } });
  const total = `"total":{"value":${all.length},"relation":"eq"}`;
  const aggregations = `,"aggregations":{"seq":${JSON.stringify(stats)}}`;
  const body = `${start.slice(0, -1)},"hits":{${total},"max_score":null,"hits":[${hits.join(',')}]}${aggregations}}`;
  return { status: 200, body };
}

// Of queries only what a resumed read adds: sequence numbers from one on, and identifiers to leave out.
function matches(documents: readonly FakeDocument[], query: object | undefined): readonly FakeDocument[] {
  const text = JSON.stringify(query ?? {});
  const from = Number(/"gte":(\d+)/.exec(text)?.[1] ?? -1);
  const without = new Set(JSON.parse(/"values":(\[[^\]]*\])/.exec(text)?.[1] ?? '[]') as string[]);
  return documents
    .filter(({ seq, id }) => seq >= from && !without.has(id))
    .toSorted((left, right) => left.seq - right.seq || left.place - right.place);
}

async function receive(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, body, headers, cutAt }: FakeAnswer): void {
  const length = cutAt === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...PRODUCT, ...length, ...headers });
  if (cutAt === undefined) response.end(body);
  else response.write(body.slice(0, cutAt), () => response.destroy());
}
