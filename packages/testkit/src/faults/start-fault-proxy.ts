import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpFault, HttpFaultSource, ProxiedRequest } from './http-fault.js';

/** An HTTP server on loopback that passes everything on to another one, but for what goes wrong on purpose. */
export interface FaultProxy {
  /** `http://127.0.0.1:PORT`. Requests reach the target with the `Host` they were sent with: signatures stay valid. */
  readonly url: string;
  /** All requests so far, in the order in which they came. */
  readonly requests: readonly ProxiedRequest[];
  /** What goes wrong from now on; `undefined`: nothing. */
  setFaults(source: HttpFaultSource | undefined): void;
  /** Break all connections and stop listening. */
  close(): Promise<void>;
}

/** Start a proxy before an `http:` server. Whoever starts it closes it. */
export async function startFaultProxy(options: {
  readonly target: string;
  readonly faults?: HttpFaultSource | undefined;
}): Promise<FaultProxy> {
  const target = new URL(options.target);
  const requests: ProxiedRequest[] = [];
  let faults = options.faults;
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const request = { number: requests.length + 1, method, path, headers };
    requests.push(request);
    // A broken connection is what is wanted here; there is nobody to tell.
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    void handle(target, incoming, response, faults?.(request) ?? {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    setFaults(source) {
      faults = source;
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  target: URL,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: HttpFault,
): Promise<void> {
  if (fault.delayMs !== undefined) await delay(fault.delayMs);
  if (fault.answer !== undefined) answer(incoming, response, fault.answer);
  else if (fault.silent === true) incoming.resume();
  else forward(target, incoming, response, fault);
}

function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body = '' }: NonNullable<HttpFault['answer']>,
): void {
  incoming.resume().once('end', () => {
    response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers }).end(body);
  });
}

function forward(target: URL, incoming: IncomingMessage, response: ServerResponse, fault: HttpFault): void {
  const { method, url: path, rawHeaders } = incoming;
  const { hostname: host, port } = target;
  const outgoing = requestHttp({ host, port, method, path, headers: rawHeaders, setHost: false, agent: false });
  const breakOff = () => {
    incoming.socket.resetAndDestroy();
    outgoing.destroy();
  };
  outgoing.on('error', breakOff);
  response.on('close', () => outgoing.destroy());
  outgoing.on('response', (back) => passBack(back, response, fault, breakOff));
  const { cutRequestAfterBytes } = fault;
  const cut = cutRequestAfterBytes === undefined ? [] : [cutter(cutRequestAfterBytes, breakOff, true)];
  pipeThrough(incoming, [...cut, ...slowed(fault)], outgoing);
}

function passBack(back: IncomingMessage, response: ServerResponse, fault: HttpFault, breakOff: () => void): void {
  back.on('error', breakOff);
  if (fault.loseAnswer === true) {
    back.resume().once('end', breakOff);
    return;
  }
  response.writeHead(back.statusCode ?? 502, back.rawHeaders);
  const { cutAnswerAfterBytes, stallAnswerAfterBytes } = fault;
  const cut = cutAnswerAfterBytes === undefined ? [] : [cutter(cutAnswerAfterBytes, breakOff, true)];
  const stall = stallAnswerAfterBytes === undefined ? [] : [cutter(stallAnswerAfterBytes, () => undefined, false)];
  if (stall.length > 0) response.flushHeaders();
  pipeThrough(back, [...cut, ...stall, ...slowed(fault)], response);
}

/** Passes so many bytes on, then calls back once and swallows the rest; `atEnd`: also where there are fewer. */
function cutter(bytes: number, then: () => void, atEnd: boolean): Transform {
  let left = bytes;
  let done = false;
  const finish = () => {
    if (!done) setImmediate(then);
    done = true;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      const passed = chunk.subarray(0, Math.max(left, 0));
      left -= chunk.byteLength;
      if (left <= 0) finish();
      if (passed.byteLength > 0) this.push(passed);
      next();
    },
    // Without a callback the end is not passed on.
    flush() {
      if (atEnd) finish();
    },
  });
}

function slowed({ bytesPerSecond }: HttpFault): Transform[] {
  if (bytesPerSecond === undefined) return [];
  const slow = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      setTimeout(() => next(null, chunk), (chunk.byteLength * 1000) / bytesPerSecond);
    },
  });
  return [slow];
}

/** `pipeline` would end the answer when the request breaks; here each end decides for itself. */
function pipeThrough(from: NodeJS.ReadableStream, through: readonly Transform[], to: NodeJS.WritableStream): void {
  let last = from;
  for (const stream of through) last = last.pipe(stream);
  last.pipe(to);
}
