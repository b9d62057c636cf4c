import http2 from 'node:http2';
import { ProtoWriter } from '@vecport/wire';
import type { Pacer } from './pacer.js';
import type { PageData } from './page-data.js';
import { drawnIds, nextPageField, pointsWith, readIdsAndLimit, readScroll, scrollPage } from './scroll-page.js';

/** Bytes a client may send before they are read, in a stream and in all of a connection: as Qdrant's own HTTP/2 library has it. */
const WINDOW = 2 ** 20;
/** Of what is under way in a connection; a tenth of it ends connections that write several requests at once. */
const MOST_MEGABYTES = 1000;
const VERSION = '1.18.3';

/** A call, by its name in Qdrant's interface: the answer's message in pieces, and how many points it cost to read. */
type Answer = { readonly message: readonly Uint8Array[]; readonly points?: number };

/** Qdrant's calls about points, as far as exporters make them, over HTTP/2 in clear. */
export function grpcPageServer(data: PageData, collection: string, pacer: Pacer): http2.Http2Server {
  const server = http2.createServer({ settings: { initialWindowSize: WINDOW }, maxSessionMemory: MOST_MEGABYTES });
  server.on('session', (session) => session.setLocalWindowSize(WINDOW));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => stream.close());
    // What is written is taken and dropped.
    const isRead = headers[':path'] !== UPSERT;
    stream.on('data', (chunk: Buffer) => void (isRead && chunks.push(chunk)));
    stream.once('end', () => {
      const { message, points = 0 } = answerTo(String(headers[':path']), Buffer.concat(chunks).subarray(5), {
        data,
        collection,
      });
      void pacer.wait(points).then(() => send(stream, message));
    });
  });
  return server;
}

function send(stream: http2.ServerHttp2Stream, message: readonly Uint8Array[]): void {
  if (stream.destroyed) return;
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(
    message.reduce((sum, { length }) => sum + length, 0),
    1,
  );
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.cork();
  for (const part of [prefix, ...message]) stream.write(part);
  stream.end();
  stream.uncork();
}

function answerTo(
  path: string,
  message: Uint8Array,
  { data, collection }: { readonly data: PageData; readonly collection: string },
): Answer {
  switch (path) {
    case '/qdrant.Points/Scroll': {
      const asked = readScroll(message);
      const { points, count, next } = scrollPage(data, asked);
      // Identifiers alone come from an index in no time.
      return { message: [nextPageField(next), points], points: asked.full ? count : 0 };
    }
    case '/qdrant.Points/Get': {
      const found = pointsWith(data, readIdsAndLimit(message).ids);
      return { message: found.flatMap((point) => [RESULT, point.subarray(1)]), points: found.length };
    }
    case '/qdrant.Points/Query': {
      const writer = new ProtoWriter();
      for (const id of drawnIds(data, readIdsAndLimit(message).limit)) {
        writer.message(1, (point) => point.message(1, (inner) => inner.text(2, id)).float(3, 0));
      }
      return { message: [writer.finish()] };
    }
    case '/qdrant.Points/Count':
      return { message: [new ProtoWriter().message(1, (count) => count.varint(1, data.ids.length)).finish()] };
    case UPSERT:
      return {
        message: [
          new ProtoWriter()
            .message(1, (result) => result.varint(2, COMPLETED))
            .double(2, 0.001)
            .finish(),
        ],
      };
    case '/qdrant.Collections/List':
      return { message: [new ProtoWriter().message(1, (one) => one.text(1, collection)).finish()] };
    case '/qdrant.Qdrant/HealthCheck':
      return { message: [new ProtoWriter().text(1, 'qdrant - vector search engine').text(2, VERSION).finish()] };
    default:
      throw new Error(`The page server has no ${path}.`);
  }
}

const UPSERT = '/qdrant.Points/Upsert';
/** Of `UpdateStatus`. */
const COMPLETED = 2;
/** The tag of a point in a `GetResponse`, which is another one than in a `ScrollResponse`. */
const RESULT = Uint8Array.of(0x0a);
