import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { QdrantFault, QdrantFaultRefusal } from './fault.js';
import { type Front, plainHeaders, secondsSince } from './front.js';
import { type Printable, printJson } from './json-print.js';
import { answerRest } from './rest-routes.js';
import { Refusal } from './server-error.js';
import { SERVER_COMMIT, SERVER_TITLE, SERVER_VERSION } from './server-version.js';

/** A body beyond this breaks the connection. */
const MOST_BODY_BYTES = 32 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The REST interface, not listening yet. */
export function createRestServer(front: Front): Server {
  return createServer((request, response) => {
    void answer(front, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
}

async function answer(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now();
  const body = await readBody(request);
  if (body === undefined) return;
  const { method = 'GET', url: path = '/' } = request;
  const headers = plainHeaders(request.headers);
  const fault = await front.receive({ transport: 'rest', method, path, headers, body });
  const elapsed = () => secondsSince(started);
  send(response, fault, replyTo(front, fault, { method, path, headers, body, elapsed }));
}

/** The body, `undefined` when it is too long and the connection was broken. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) {
      request.socket.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly elapsed: () => number;
}

function replyTo(front: Front, fault: QdrantFault, call: Call): Reply {
  if (fault.refuse !== undefined) return refusedByFault(fault.refuse, call);
  try {
    const url = new URL(call.path, 'http://fake');
    const open = OPEN_ROUTES[`${call.method} ${url.pathname}`];
    if (open !== undefined) return open;
    front.authorize(call.headers);
    const result = answerRest(front.database, {
      method: call.method,
      pieces: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
      wait: url.searchParams.get('wait') === 'true',
      body: call.body,
      alterPage: fault.alterPage ?? ((page) => page),
    });
    return result === undefined
      ? text(404, '')
      : json(
          200,
          [
            ['result', result],
            ['status', 'ok'],
          ],
          call.elapsed(),
        );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refusal(error, call);
  }
}

function refusal(error: Refusal, call: Call): Reply {
  // The layer that checks keys answers before any JSON is made, without a content type.
  if (error.kind === 'unauthorized') return { status: 401, headers: {}, body: Buffer.from(error.message) };
  const early = error.kind === 'format' || error.kind === 'validation';
  return json(error.httpStatus, [['status', new Map([['error', error.message]])]], early ? 0 : call.elapsed());
}

function refusedByFault(refuse: QdrantFaultRefusal, call: Call): Reply {
  const message = refuse.message ?? `The fake was told to refuse this with ${refuse.status}`;
  const reply = json(refuse.status, [['status', new Map([['error', message]])]], call.elapsed());
  const after = refuse.retryAfterSeconds;
  return after === undefined ? reply : { ...reply, headers: { ...reply.headers, 'retry-after': String(after) } };
}

const OPEN_ROUTES: Readonly<Record<string, Reply>> = {
  'GET /': {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ title: SERVER_TITLE, version: SERVER_VERSION, commit: SERVER_COMMIT })),
  },
  'GET /readyz': text(200, 'all shards are ready'),
  'GET /healthz': text(200, 'healthz check passed'),
  'GET /livez': text(200, 'healthz check passed'),
};

function text(status: number, body: string): Reply {
  const headers: Record<string, string> = body === '' ? {} : { 'content-type': 'text/plain; charset=utf-8' };
  return { status, headers, body: Buffer.from(body) };
}

function json(status: number, members: readonly (readonly [string, Printable])[], time: number): Reply {
  const body = Buffer.from(printJson(new Map<string, Printable>([...members, ['time', time]])));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

function send(response: ServerResponse, fault: QdrantFault, reply: Reply): void {
  const body = fault.alterBody?.(reply.body) ?? reply.body;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  if (fault.cutAfterBytes === undefined) {
    response.end(body);
    return;
  }
  response.flushHeaders();
  response.write(body.subarray(0, fault.cutAfterBytes), () => response.destroy());
}
