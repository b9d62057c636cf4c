import type { MessagePort } from 'node:worker_threads';
import { isVecportError } from '@vecport/abstractions';
import { batchOf } from './batch-frame.js';
import { ownedMemory } from './owned-memory.js';
import { createNativeWriter } from './parquet/native-writer.js';
import type { ByteSink, PartSchema, PartWriter } from './part-codec.js';
import { createPartEncoder, type PartEncoder } from './part-encoder.js';
import type { PartEncoding } from './part-encoding.js';
import type { PartAnswer, PartRequest, RefusedPoint, SentError } from './part-messages.js';

/** Encode the parts that are asked for at a port, each with its own requests in their order, until the port is closed. */
export function serveParts(port: Pick<MessagePort, 'on' | 'postMessage'>): void {
  const parts = new Map<number, ServedPart>();
  port.on('message', (request: PartRequest) => {
    const { part } = request;
    if (request.type === 'begin') parts.set(part, { encoder: undefined, last: Promise.resolve() });
    const served = parts.get(part);
    if (served === undefined) return;
    if (request.type === 'drop' || request.type === 'finish') parts.delete(part);
    served.last = served.last.then(async () => answer(port, served, request));
  });
}

interface ServedPart {
  /** None before it began, and none after an error, which is the last answer. */
  encoder: PartEncoder | undefined;
  /** The requests so far. */
  last: Promise<void>;
}

type Outlet = Pick<MessagePort, 'postMessage'>;

async function answer(outlet: Outlet, served: ServedPart, request: PartRequest): Promise<void> {
  try {
    await work(outlet, served, request);
  } catch (error) {
    served.encoder = undefined;
    send(outlet, { type: 'failed', part: request.part, error: sentError(error) });
  }
}

async function work(outlet: Outlet, served: ServedPart, request: PartRequest): Promise<void> {
  const { part } = request;
  if (request.type === 'begin') {
    const { schema, encoding } = request;
    const createWriter = await writerFor(schema, encoding);
    served.encoder = createPartEncoder(createWriter, async (chunks) => sendBytes(outlet, part, chunks));
    return;
  }
  if (served.encoder === undefined || request.type === 'drop') return;
  if (request.type === 'finish') {
    send(outlet, { type: 'finished', part, content: await served.encoder.finish() });
    return;
  }
  const refused: RefusedPoint[] = [];
  const { frame, refusing } = request;
  const before = served.encoder.rows;
  await served.encoder.write(
    batchOf(frame),
    refusing ? (id, { code, reason }) => refused.push({ id, code, reason }) : undefined,
  );
  const rows = served.encoder.rows - before;
  send(outlet, { type: 'taken', part, rows, memory: frame.memory, refused }, [frame.memory]);
}

/** What other parts than native ones in Parquet need takes longer to load than everything else here. */
async function writerFor(schema: PartSchema, encoding: PartEncoding): Promise<(sink: ByteSink) => PartWriter> {
  if (encoding.format === 'parquet' && schema.layout === undefined)
    return (sink) => createNativeWriter({ schema, ...encoding }, sink);
  const { createPartWriter } = await import('./create-part-writer.js');
  return (sink) => createPartWriter(schema, encoding, sink);
}

/** Chunks that own their memory go with it; of the others one copy is made, as what they are views into is used again. */
function sendBytes(outlet: Outlet, part: number, chunks: readonly Uint8Array[]): void {
  const rest = chunks.reduce((sum, chunk) => sum + (ownedMemory(chunk) === undefined ? chunk.length : 0), 0);
  const copies = new Uint8Array(rest);
  const transferred = new Set<ArrayBuffer>([copies.buffer]);
  let at = 0;
  const sent = chunks.map((chunk) => {
    const memory = ownedMemory(chunk);
    if (memory !== undefined) {
      transferred.add(memory);
      return new Uint8Array(memory, chunk.byteOffset, chunk.length);
    }
    copies.set(chunk, at);
    at += chunk.length;
    return copies.subarray(at - chunk.length, at);
  });
  send(outlet, { type: 'bytes', part, chunks: sent }, [...transferred]);
}

function send(port: Outlet, message: PartAnswer, transferred: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transferred);
}

function sentError(error: unknown): SentError {
  if (!isVecportError(error)) return { kind: 'other', error };
  const { code, reason, advice } = error;
  return { kind: 'vecport', code, reason, advice };
}
