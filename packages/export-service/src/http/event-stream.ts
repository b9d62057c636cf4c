import { stringifyJson } from '@vecport/abstractions';
import type { Request, Response } from 'express';
import type { Clock } from '../clock.js';
import type { FeedEvent, JobFeed } from '../jobs/job-feed.js';
import type { LiveJob } from '../jobs/job-manager.js';
import { statusOf } from '../jobs/job-status.js';
import { isFinal } from '../state/job-record.js';

/** Bytes that may wait for a reader; beyond them, events are left out until it has read on. */
const MAX_WAITING = 64 * 1024;
/** A reader that reads nothing for so long is cut off, in milliseconds. */
const STUCK_MS = 60_000;

/** How events are sent. */
export interface StreamOptions {
  readonly clock: Clock;
  /** A comment is sent every so many milliseconds, so that nobody takes the connection for dead. */
  readonly heartbeatMs: number;
  /** Aborted when the service ends: streams end with it, and readers come back to the next one. */
  readonly signal: AbortSignal;
}

/**
 * Send the events of a job until it has a final status, the reader leaves or the service ends. At first those behind
 * the one the reader names, if they are still known, else the present status. A reader that is slow gets fewer events:
 * the present status when it has read on, and the last event in any case.
 */
export async function sendEvents(
  request: Request,
  response: Response,
  job: LiveJob,
  { clock, heartbeatMs, signal }: StreamOptions,
): Promise<void> {
  response.status(200);
  response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  if (request.method === 'HEAD') return void response.end();
  const lastSeen = request.get('last-event-id');
  const { feed } = job;
  if (feed === undefined || isFinal(job.record.status)) {
    response.end(eventText({ id: 'final', type: 'end', data: stateOf(job) }));
    return;
  }
  const known = lastSeen === undefined ? undefined : feed.since(lastSeen);
  const first = known ?? [{ id: feed.lastId(), type: 'status', data: stateOf(job) } satisfies FeedEvent];
  for (const event of first) response.write(eventText(event));
  await follow(response, feed, { clock, heartbeatMs, signal, stateNow: () => feed.lastState() ?? stateOf(job) });
}

interface Following extends StreamOptions {
  readonly stateNow: () => string;
}

async function follow(response: Response, feed: JobFeed, options: Following): Promise<void> {
  const { clock, heartbeatMs, signal, stateNow } = options;
  let behind = false;
  let stopStuck = (): void => {};
  let stopBeat = (): void => {};
  const beat = (): void => {
    if (!behind) response.write(': still here\n\n');
    stopBeat = clock.after(heartbeatMs, beat);
  };
  const caughtUp = (): void => {
    stopStuck();
    if (behind) response.write(eventText({ id: feed.lastId(), type: 'status', data: stateNow() }));
    behind = false;
  };
  const leave = feed.subscribe((event) => {
    if (event.type === 'end') {
      response.end(eventText(event));
    } else if (behind || response.writableLength > MAX_WAITING) {
      if (!behind) stopStuck = clock.after(STUCK_MS, () => response.destroy());
      behind = true;
    } else response.write(eventText(event));
  });
  const end = (): void => void response.end();
  response.on('drain', caughtUp);
  signal.addEventListener('abort', end, { once: true });
  beat();
  if (signal.aborted) end();
  await new Promise<void>((resolve) => response.once('close', resolve));
  signal.removeEventListener('abort', end);
  stopBeat();
  stopStuck();
  leave();
}

function eventText({ id, type, data }: FeedEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${data}\n\n`;
}

function stateOf({ record, rate }: LiveJob): string {
  return stringifyJson(statusOf(record, rate));
}
