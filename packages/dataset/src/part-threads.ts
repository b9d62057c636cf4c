import { Worker } from 'node:worker_threads';
import { VecportError } from '@vecport/abstractions';
import { frameOf } from './batch-frame.js';
import { createPartWriter } from './create-part-writer.js';
import { freeMemory } from './owned-memory.js';
import type { ByteSink, PartSchema } from './part-codec.js';
import type { PartContent, PartEncoder } from './part-encoder.js';
import type { PartEncoding } from './part-encoding.js';
import type { PartAnswer, PartRequest, SentError } from './part-messages.js';
import type { RefusedListener } from './take-carriable.js';

/** Threads that encode parts. Close them when the parts have ended. */
export interface PartThreads {
  /**
   * A part whose batches are encoded, compressed and summed up in another thread, the one with the fewest parts. Its bytes
   * and sums are those of the same part in this thread. `write` copies the batch and resolves when the one before it is
   * taken and the bytes that followed from that are with the sink: what is wrong with a batch is told by a later call.
   * @throws VecportError `invalid-argument` for a schema that cannot be written.
   */
  open(schema: PartSchema, encoding: PartEncoding, sink: ByteSink): ThreadedEncoder;
  /** End the threads. Parts that have not ended fail. */
  close(): Promise<void>;
}

/** An encoder whose work is elsewhere. */
interface ThreadedEncoder extends PartEncoder {
  /** Give the part up; nothing goes to the sink any more when it resolves. Does nothing after `finish`. */
  drop(): Promise<void>;
}

/** A thread as it is talked to. */
export interface PartThread {
  post(request: PartRequest, transferred?: readonly ArrayBuffer[]): void;
  onAnswer(listener: (answer: PartAnswer) => void): void;
  /** Told once, when the thread ends by itself. */
  onEnd(listener: (cause: unknown) => void): void;
  close(): Promise<void>;
}

/** Threads, each begun when its first part is; `begin` makes one, a worker of Node if not said. */
export function createPartThreads(count: number, begin: () => PartThread = workerThread): PartThreads {
  const desks: Desk[] = [];
  return {
    open: (schema, encoding, sink) => {
      // What is refused is refused here, before anything is begun.
      createPartWriter(schema, encoding, async () => {});
      const idle = desks.find(({ parts }) => parts.size === 0);
      if (idle === undefined && desks.length < count) desks.push(createDesk(begin()));
      const desk = idle ?? desks.reduce((least, other) => (other.parts.size < least.parts.size ? other : least));
      return openPart(desk, { schema, encoding, sink });
    },
    close: async () => {
      await Promise.all(desks.map(async ({ thread }) => thread.close()));
    },
  };
}

/** A thread, and the parts that are with it. */
interface Desk {
  readonly thread: PartThread;
  readonly parts: Map<number, PartAtDesk>;
  /** Memory of batches that came back. */
  readonly free: ArrayBuffer[];
  /** Why the thread is gone. */
  gone?: VecportError;
  parted: number;
}

type Settled = Exclude<PartAnswer, { readonly type: 'bytes' }>;

interface PartAtDesk {
  bytes(chunks: readonly Uint8Array[]): void;
  settle(answer: Settled): void;
  fail(error: unknown): void;
}

/** Memory that is kept for batches. */
const MOST_FREE = 4;

function createDesk(thread: PartThread): Desk {
  const desk: Desk = { thread, parts: new Map(), free: [], parted: 0 };
  thread.onAnswer((answer) => {
    if (answer.type === 'taken' && desk.free.length < MOST_FREE) desk.free.push(answer.memory);
    const part = desk.parts.get(answer.part);
    if (answer.type === 'bytes') part?.bytes(answer.chunks);
    else part?.settle(answer);
  });
  thread.onEnd((cause) => {
    desk.gone = new VecportError('incomplete', 'The thread that encodes a part has ended.', {
      advice: 'Try again with fewer workers, or none.',
      cause,
    });
    for (const part of desk.parts.values()) part.fail(desk.gone);
  });
  return desk;
}

interface PartAsked {
  readonly schema: PartSchema;
  readonly encoding: PartEncoding;
  readonly sink: ByteSink;
}

/** Batches of a part that its thread has, beside the one it works on. */
const AHEAD = 1;

function openPart(desk: Desk, { schema, encoding, sink }: PartAsked): ThreadedEncoder {
  const part = desk.parted++;
  const line = answerLine();
  /** Batches that are not taken yet, or whose bytes are not written. */
  const underWay: Promise<void>[] = [];
  let rows = 0;
  let written: Promise<void> = Promise.resolve();
  desk.parts.set(part, {
    ...line,
    bytes: (chunks) => {
      written = written.then(async () => putAndFree(sink, chunks));
      // Observed by the calls that wait for it.
      written.catch(() => {});
    },
  });
  const ask = async (request: PartRequest, transferred?: readonly ArrayBuffer[]): Promise<Settled> => {
    if (desk.gone !== undefined) throw desk.gone;
    desk.thread.post(request, transferred);
    const answer = await line.next();
    await written;
    return answer;
  };
  const settle = async (most: number): Promise<void> => {
    while (underWay.length > most) await underWay.shift();
  };
  desk.thread.post({ type: 'begin', part, schema, encoding });
  return {
    get rows() {
      return rows;
    },
    write: async (batch, onRefused) => {
      const frame = frameOf(batch, (bytes) => takeMemory(desk, bytes));
      rows += batch.ids.length;
      const taken = ask({ type: 'rows', part, frame, refusing: onRefused !== undefined }, [frame.memory]).then(
        (answer) => {
          rows -= told(answer, onRefused);
        },
      );
      taken.catch(() => {});
      underWay.push(taken);
      await settle(AHEAD);
    },
    settle: async () => settle(0),
    finish: async () => {
      await settle(0);
      const answer = await ask({ type: 'finish', part });
      desk.parts.delete(part);
      return contentOf(answer);
    },
    drop: async () => {
      if (!desk.parts.delete(part)) return;
      desk.thread.post({ type: 'drop', part });
      await written.catch(() => {});
    },
  };
}

/** Answers in the order of what was asked. After an error there is nothing but that. */
function answerLine(): Omit<PartAtDesk, 'bytes'> & { next(): Promise<Settled> } {
  let waiting: PromiseWithResolvers<Settled>[] = [];
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    for (const { reject } of waiting) reject(failure.error);
    waiting = [];
  };
  return {
    fail,
    settle: (answer) => {
      if (answer.type === 'failed') fail(receivedError(answer.error));
      else waiting.shift()?.resolve(answer);
    },
    next: async () => {
      if (failure !== undefined) throw failure.error;
      const next = Promise.withResolvers<Settled>();
      waiting.push(next);
      return next.promise;
    },
  };
}

async function putAndFree(sink: ByteSink, chunks: readonly Uint8Array[]): Promise<void> {
  await sink(chunks);
  for (const chunk of chunks) freeMemory(chunk);
}

function takeMemory({ free }: Desk, bytes: number): ArrayBuffer {
  const at = free.findIndex(({ byteLength }) => byteLength >= bytes);
  const found = free[at];
  if (found === undefined) {
    // The next batch is seldom of the very same size, and those that are too small would stay.
    free.length = 0;
    return Buffer.allocUnsafeSlow(bytes + (bytes >> 3)).buffer;
  }
  free.splice(at, 1);
  return found;
}

/** Tell what was refused; how many. */
function told(answer: Settled, onRefused: RefusedListener | undefined): number {
  if (answer.type !== 'taken') return 0;
  for (const { id, code, reason } of answer.refused) onRefused?.(id, new VecportError(code, reason));
  return answer.refused.length;
}

function contentOf(answer: Settled): PartContent {
  if (answer.type !== 'finished') throw new TypeError(`The thread answered '${answer.type}'.`);
  return answer.content;
}

function receivedError(sent: SentError): unknown {
  if (sent.kind === 'other') return sent.error;
  return new VecportError(sent.code, sent.reason, { advice: sent.advice });
}

/** A thread of Node. */
function workerThread(): PartThread {
  const worker = new Worker(new URL('./part-thread.js', import.meta.url), { name: 'parts' });
  let closing = false;
  return {
    post: (request, transferred = []) => worker.postMessage(request, transferred),
    onAnswer: (listener) => void worker.on('message', listener),
    onEnd: (listener) => {
      worker.once('error', listener);
      worker.once('exit', (code) => {
        if (!closing) listener(new Error(`exit code ${code}`));
      });
    },
    close: async () => {
      closing = true;
      await worker.terminate();
    },
  };
}
