import { EventSourceParserStream } from 'eventsource-parser/stream';
import { type CallOptions, type ClientOptions, send } from './exchange.js';
import { ExportServiceError } from './export-service-error.js';
import type { JobEvent } from './types.js';

/** How events are followed. */
export interface EventOptions extends CallOptions {
  /** Go on behind this event. */
  readonly lastEventId?: string | undefined;
  /** How often a connection that breaks is made again, in a row; 5 if not said. */
  readonly reconnects?: number | undefined;
}

const TYPES: ReadonlySet<string | undefined> = new Set(['status', 'progress', 'end']);
const FIRST_WAIT_MS = 200;

/**
 * The events of a job, until its `end`. A connection that breaks is made again and goes on behind the last event.
 * Leaving the loop closes it.
 */
export async function* followEvents<Status>(
  options: ClientOptions,
  path: readonly string[],
  { lastEventId, reconnects = 5, signal }: EventOptions,
): AsyncGenerator<JobEvent<Status>, void, undefined> {
  let last = lastEventId;
  for (let failures = 0; ; failures++) {
    try {
      for await (const event of connection<Status>(options, path, last, signal)) {
        failures = 0;
        last = event.id;
        yield event;
        if (event.type === 'end') return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!mayPass(error) || failures >= reconnects) throw error;
    }
    if (failures >= reconnects) throw new TypeError('The stream of events ended before the job did.');
    await wait(FIRST_WAIT_MS * 2 ** failures, signal);
  }
}

async function* connection<Status>(
  options: ClientOptions,
  path: readonly string[],
  last: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent<Status>, void, undefined> {
  const left = new AbortController();
  const signals = signal === undefined ? [left.signal] : [left.signal, signal];
  try {
    const { body } = await send(options, {
      method: 'GET',
      path,
      headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
      signal: AbortSignal.any(signals),
    });
    if (body === null) return;
    const decoder = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>;
    const events = body.pipeThrough(decoder).pipeThrough(new EventSourceParserStream());
    for await (const { id = '', event: type, data } of events) {
      if (TYPES.has(type)) {
        yield { id, type: type as JobEvent<Status>['type'], status: JSON.parse(data) as Status };
      }
    }
  } finally {
    left.abort();
  }
}

// A network that fails, or a service that is about to be another one; any other answer is final.
function mayPass(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof ExportServiceError && error.status === 503);
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
