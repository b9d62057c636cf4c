import type { EVENT_TYPES } from '../contract/event-schemas.js';

/** An event as it is sent. */
export interface FeedEvent {
  /** Ascends; after a restart of the job's process it begins with another number. */
  readonly id: string;
  readonly type: (typeof EVENT_TYPES)[number];
  readonly data: string;
  /** The event as a stream carries it, the same bytes for all readers. */
  readonly bytes: Buffer;
}

/** An event with its bytes. `data` is JSON. */
export function feedEvent(id: string, type: FeedEvent['type'], data: string): FeedEvent {
  return { id, type, data, bytes: Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`) };
}

/** The events of one running job. */
export interface JobFeed {
  publish(type: FeedEvent['type'], data: string): void;
  /** Of the latest event. */
  lastId(): string;
  /** The data of the latest event; every event has the whole state. */
  lastState(): string | undefined;
  /** Events behind one that a reader has seen; `undefined` where it is not known any more which those are. */
  since(id: string): readonly FeedEvent[] | undefined;
  /** Be told of every event from now on, until the function that is returned is called. */
  subscribe(listener: (event: FeedEvent) => void): () => void;
}

/** Events that are kept for readers that come back. */
const KEPT = 64;

/** A feed whose ids begin with `run`, so that they are never taken for those of an earlier run. */
export function createJobFeed(run: string): JobFeed {
  const kept: FeedEvent[] = [];
  const listeners = new Set<(event: FeedEvent) => void>();
  let count = 0;
  return {
    publish: (type, data) => {
      count++;
      const event = feedEvent(`${run}.${count}`, type, data);
      kept.push(event);
      if (kept.length > KEPT) kept.shift();
      for (const listener of listeners) listener(event);
    },
    lastState: () => kept.at(-1)?.data,
    lastId: () => `${run}.${count}`,
    since: (id) => {
      if (id === `${run}.0`) return count <= KEPT ? [...kept] : undefined;
      const at = kept.findIndex((event) => event.id === id);
      return at < 0 ? undefined : kept.slice(at + 1);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
