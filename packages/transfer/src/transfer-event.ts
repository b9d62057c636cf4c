import type { RetryNote } from './backoff.js';
import type { ExportPlan } from './export-plan.js';
import type { ExportReport } from './export-request.js';
import type { ProgressEstimate } from './progress.js';

/** What happens during an export, in its order. */
export type TransferEvent =
  /** The pinned plan, before the first point is read. */
  | { readonly type: 'plan'; readonly plan: ExportPlan; readonly resumed: boolean }
  /** After every batch; see `TransferProgress`. */
  | ({
      readonly type: 'progress';
      readonly collection: string;
      readonly done: number;
      readonly total?: number | undefined;
      readonly bytes: number;
      readonly retries: number;
    } & ProgressEstimate)
  /** A part is durable under its name. */
  | {
      readonly type: 'part';
      readonly collection: string;
      readonly tenant?: string | undefined;
      readonly path: string;
      readonly rows: number;
      readonly bytes: number;
    }
  /** Something failed and is about to be tried again. */
  | ({ readonly type: 'retry'; readonly collection: string } & RetryNote)
  /** One sentence: the source changed, a tenant was read anew. */
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'done'; readonly report: ExportReport };

/** Told of each event at once; must be quick and must not throw. */
export type TransferListener = (event: TransferEvent) => void;

/**
 * The events of a run as an iterable: `for await (const event of eventsOf((onEvent, signal) => exportDataset({ …, onEvent,
 * signal })))`. The run begins with the first `next`. A consumer that is slow finds only the latest progress of each
 * collection, and every other event. Leaving the loop early aborts the signal and waits for the run to end; otherwise
 * the run's error is thrown after its last event.
 */
export async function* eventsOf(
  run: (onEvent: TransferListener, signal: AbortSignal) => Promise<unknown>,
): AsyncGenerator<TransferEvent, void, undefined> {
  const queue = createEventQueue();
  const left = new AbortController();
  const ending = (async () => run(queue.push, left.signal))().finally(queue.end);
  ending.catch(() => {});
  let over = false;
  try {
    for (let event = await queue.next(); event !== undefined; event = await queue.next()) yield event;
    over = true;
    await ending;
  } finally {
    if (!over) {
      left.abort();
      await ending.catch(() => {});
    }
  }
}

interface EventQueue {
  push(event: TransferEvent): void;
  end(): void;
  /** The next event; `undefined` when there will be none. For one consumer. */
  next(): Promise<TransferEvent | undefined>;
}

function createEventQueue(): EventQueue {
  const events: TransferEvent[] = [];
  let ended = false;
  let wake = (): void => {};
  return {
    push: (event) => {
      const last = events.at(-1);
      const newer = event.type === 'progress' && last?.type === 'progress' && last.collection === event.collection;
      if (newer) events[events.length - 1] = event;
      else events.push(event);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    next: async () => {
      if (events.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return events.shift();
    },
  };
}
