import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GRPC_STATUS, type GrpcChannel, GrpcError, openGrpcChannel } from '@vecport/wire';

type Handler = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, body: Buffer) => void;

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface TestServer {
  readonly port: number;
  readonly sessions: Set<http2.ServerHttp2Session>;
}

async function serve(handler: Handler): Promise<TestServer> {
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => handler(stream, headers, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}

function channelTo(port: number, metadata: Record<string, string> = {}): GrpcChannel {
  const channel = openGrpcChannel({ host: '127.0.0.1', port, metadata });
  cleanups.push(async () => channel.close());
  return channel;
}

function frame(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const OK = { ':status': 200, 'content-type': 'application/grpc' };

function reply(stream: http2.ServerHttp2Stream, body: Uint8Array, trailers: Record<string, string>): void {
  stream.respond(OK, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

const message = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);

describe('a unary call', () => {
  it('sends and receives a message as it is, without offering compression', async () => {
    const seen: http2.IncomingHttpHeaders[] = [];
    const { port } = await serve((stream, headers, body) => {
      seen.push(headers);
      reply(stream, frame(body.subarray(5)), { 'grpc-status': '0' });
    });
    const channel = channelTo(port, { 'api-key': 'k' });
    expect(await channel.unary('/a.B/C', message, { timeoutMs: 60_000 })).toEqual(message);
    expect(seen[0]).toMatchObject({
      ':path': '/a.B/C',
      'api-key': 'k',
      'grpc-accept-encoding': 'identity',
      'grpc-timeout': '60000m',
      te: 'trailers',
    });
  });

  it('receives a message into memory it is given', async () => {
    const { port } = await serve((stream, _, body) => reply(stream, frame(body.subarray(5)), { 'grpc-status': '0' }));
    const memory = new Uint8Array(message.length + 10);
    const asked: number[] = [];
    const allocate = (length: number): Uint8Array => {
      asked.push(length);
      return memory;
    };
    const answer = await channelTo(port).unary('/a.B/C', message, { allocate });
    expect(answer).toEqual(message);
    expect(answer.buffer).toBe(memory.buffer);
    expect(asked).toEqual([message.length]);
  });

  it('runs beside others on one connection', async () => {
    const { port, sessions } = await serve((stream, _, body) =>
      reply(stream, frame(body.subarray(5)), { 'grpc-status': '0' }),
    );
    const channel = channelTo(port);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => channel.unary('/a.B/C', Uint8Array.of(i))),
    );
    expect(answers.map(([byte]) => byte)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(sessions.size).toBe(1);
  });

  it('gives the server’s status, also without a body, and when to come again', async () => {
    const { port } = await serve((stream) =>
      stream.respond(
        { ...OK, 'grpc-status': '8', 'grpc-message': 'too%20many%21', 'grpc-retry-pushback-ms': '70' },
        { endStream: true },
      ),
    );
    const error = await failureOf(channelTo(port).unary('/a.B/C', message));
    expect(error).toMatchObject({ grpcCode: 8, details: 'too many!', retryAfterMs: 70 });
  });

  it('takes an answer of plain HTTP for the status nearest to it', async () => {
    const { port } = await serve((stream) => {
      stream.respond({ ':status': 503, 'retry-after': '2' });
      stream.end('no');
    });
    expect(await failureOf(channelTo(port).unary('/a.B/C', message))).toMatchObject({
      grpcCode: GRPC_STATUS.UNAVAILABLE,
      retryAfterMs: 2000,
    });
  });

  it('fails on an answer that is cut off, doubled or compressed', async () => {
    const bodies = [
      frame(message).subarray(0, 1000),
      frame(message).subarray(0, 3),
      Buffer.alloc(0),
      Buffer.concat([frame(message), frame(message)]),
      frame(message, 1),
    ];
    const { port } = await serve((stream, _, body) =>
      reply(stream, bodies[body[5] ?? 0] ?? Buffer.alloc(0), { 'grpc-status': '0' }),
    );
    const channel = channelTo(port);
    for (const at of bodies.keys()) {
      expect(await failureOf(channel.unary('/a.B/C', Uint8Array.of(at)))).toBeInstanceOf(GrpcError);
    }
  });

  it('fails as unavailable when the connection is refused or lost, and connects again', async () => {
    let cut = true;
    const { port, sessions } = await serve((stream, _, body) => {
      if (cut) {
        stream.respond(OK);
        stream.write(frame(message).subarray(0, 1000), () => {
          for (const session of sessions) session.destroy();
        });
      } else reply(stream, frame(body.subarray(5)), { 'grpc-status': '0' });
    });
    const channel = channelTo(port);
    expect(await failureOf(channel.unary('/a.B/C', message))).toMatchObject({ grpcCode: GRPC_STATUS.UNAVAILABLE });
    cut = false;
    expect(await channel.unary('/a.B/C', message)).toEqual(message);
    const nowhere = channelTo(1);
    expect(await failureOf(nowhere.unary('/a.B/C', message))).toMatchObject({ grpcCode: GRPC_STATUS.UNAVAILABLE });
  });

  it('ends at its deadline and at its signal', async () => {
    const { port } = await serve(() => {});
    const channel = channelTo(port);
    expect(await failureOf(channel.unary('/a.B/C', message, { timeoutMs: 30 }))).toMatchObject({
      grpcCode: GRPC_STATUS.DEADLINE_EXCEEDED,
    });
    const reason = new Error('stop');
    const controller = new AbortController();
    const call = failureOf(channel.unary('/a.B/C', message, { signal: controller.signal }));
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect(await failureOf(channel.unary('/a.B/C', message, { signal: controller.signal }))).toBe(reason);
  });

  it('fails after the channel was closed', async () => {
    const channel = channelTo(1);
    channel.close();
    expect(await failureOf(channel.unary('/a.B/C', message))).toMatchObject({ grpcCode: GRPC_STATUS.CANCELLED });
  });
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}
