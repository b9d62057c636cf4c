import type { Response } from 'express';

/** Between two comments that keep a silent connection open. */
const HEARTBEAT_MS = 15_000;

/**
 * Answer with server-sent events: each value as JSON under the event's name. Ends with the values, or when the client
 * goes away. A client that reads slowly makes the values wait.
 */
export async function sendEvents(
  response: Response,
  name: string,
  values: AsyncIterable<object>,
  signal: AbortSignal,
): Promise<void> {
  response.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for await (const value of values) {
      if (signal.aborted) return;
      const ready = response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
      if (!ready) await drained(response, signal);
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

async function drained(response: Response, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    response.once('drain', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
