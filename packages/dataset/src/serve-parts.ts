import type { MessagePort } from 'node:worker_threads';
import { isVecportError } from '@vecport/abstractions';
import { createPartEncoder, type PartEncoder } from './part-encoder.js';
import type { PartAnswer, PartRequest, RefusedPoint, SentError } from './part-messages.js';

/** Bytes that go to the other side at once. */
const BLOCK_BYTES = 1 << 20;
/** Blocks that are kept when they come back. */
const MOST_FREE = 8;

/** Encode the parts that are asked for at a port, each with its own requests in their order, until the port is closed. */
export function serveParts(port: Pick<MessagePort, 'on' | 'postMessage'>): void {
  const parts = new Map<number, ServedPart>();
  const free: ArrayBuffer[] = [];
  port.on('message', (request: PartRequest) => {
    if (request.type === 'memory') {
      if (free.length < MOST_FREE) free.push(request.memory);
      return;
    }
    const { part } = request;
    if (request.type === 'begin') parts.set(part, { encoder: undefined, last: Promise.resolve() });
    const served = parts.get(part);
    if (served === undefined) return;
    if (request.type === 'drop' || request.type === 'finish') parts.delete(part);
    served.last = served.last.then(async () => answer({ port, free }, served, request));
  });
}

interface ServedPart {
  encoder: PartEncoder | undefined;
  /** The requests so far. */
  last: Promise<void>;
}

interface Outlet {
  readonly port: Pick<MessagePort, 'postMessage'>;
  /** Blocks that came back. */
  readonly free: ArrayBuffer[];
}

type Work = Exclude<PartRequest, { readonly type: 'memory' }>;

async function answer(outlet: Outlet, served: ServedPart, request: Work): Promise<void> {
  try {
    await work(outlet, served, request);
  } catch (error) {
    send(outlet, { type: 'failed', part: request.part, error: sentError(error) });
  }
}

async function work(outlet: Outlet, served: ServedPart, request: Work): Promise<void> {
  const { part } = request;
  if (request.type === 'begin') {
    served.encoder = createPartEncoder(request.schema, request.encoding, async (chunks) => sendBytes(outlet, part, chunks));
    return;
  }
  // A part that could not begin has answered already.
  if (served.encoder === undefined || request.type === 'drop') return;
  if (request.type === 'finish') {
    send(outlet, { type: 'finished', part, content: await served.encoder.finish() });
    return;
  }
  const refused: RefusedPoint[] = [];
  const { batch, memory } = request;
  await served.encoder.write(
    batch,
    request.refusing ? (id, { code, reason }) => refused.push({ id, code, reason }) : undefined,
  );
  send(outlet, { type: 'taken', part, memory, refused }, [memory]);
}

/** Copied: what the chunks are views into is used again. */
function sendBytes(outlet: Outlet, part: number, chunks: readonly Uint8Array[]): void {
  let left = chunks.reduce((sum, { length }) => sum + length, 0);
  let block = new Uint8Array(0);
  let length = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (length === block.length) {
        block = new Uint8Array(outlet.free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES).buffer);
      }
      const taken = Math.min(chunk.length - at, block.length - length);
      block.set(chunk.subarray(at, at + taken), length);
      at += taken;
      length += taken;
      left -= taken;
      if (length < block.length && left > 0) continue;
      const memory = block.buffer;
      send(outlet, { type: 'bytes', part, memory, length }, [memory]);
      block = new Uint8Array(0);
      length = 0;
    }
  }
}

function send({ port }: Outlet, message: PartAnswer, transferred: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transferred);
}

function sentError(error: unknown): SentError {
  if (!isVecportError(error)) return { kind: 'other', error };
  const { code, reason, advice } = error;
  return { kind: 'vecport', code, reason, advice };
}
