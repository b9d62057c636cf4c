import { ProtoWriter } from '@vecport/wire';
import type { RecordedRequest, Recording } from '../providers/recorded-request.js';
import type { DrainTask } from './wire-task.js';

/** The requests that bring every page, each made before the first is sent. */
export function drainRecording(task: DrainTask): Recording {
  const { starts, streams, points, over } = task;
  const request = over === 'grpc' ? grpcRequest : httpRequest;
  return { requests: starts.map((from) => request(from, task)), concurrency: streams, receivedBytes: 0, rows: points };
}

function grpcRequest(from: string, { collection, limit, grpcPort }: DrainTask): RecordedRequest {
  const message = new ProtoWriter()
    .text(1, collection)
    .message(3, (id) => id.text(2, from))
    .varint(4, limit)
    .message(6, (selector) => selector.bool(1, true))
    .message(7, (selector) => selector.bool(1, true))
    .finish();
  const framed = Buffer.alloc(5 + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  return {
    kind: 'grpc',
    origin: `http://127.0.0.1:${grpcPort}`,
    headers: {
      ':method': 'POST',
      ':path': '/qdrant.Points/Scroll',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-accept-encoding': 'identity',
    },
    body: framed.toString('base64'),
  };
}

function httpRequest(from: string, { collection, limit, httpPort }: DrainTask): RecordedRequest {
  const body = JSON.stringify({ offset: from, limit, with_payload: true, with_vector: true });
  return {
    kind: 'http',
    origin: `http://127.0.0.1:${httpPort}`,
    method: 'POST',
    path: `/collections/${collection}/points/scroll`,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body).toString('base64'),
  };
}
