import type { Request, Response } from 'express';
import type { Clock } from '../clock.js';
import { feedEvent, type JobFeed } from '../jobs/job-feed.js';
import type { LiveJob } from '../jobs/job-manager.js';
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
  /** Asked at every sign of life whether the reader still may read: the stream ends when not, and when that is not known. */
  readonly mayFollow: () => Promise<boolean>;
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
  { clock, heartbeatMs, mayFollow, signal }: StreamOptions,
): Promise<void> {
  response.status(200);
  response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  if (request.method === 'HEAD') return void response.end();
  const lastSeen = request.get('last-event-id');
  const { feed } = job;
  if (feed === undefined || isFinal(job.record.status)) {
    response.end(feedEvent('final', 'end', job.text()).bytes);
    return;
  }
  const known = lastSeen === undefined ? undefined : feed.since(lastSeen);
  const first = known ?? [feedEvent(feed.lastId(), 'status', job.text())];
  for (const event of first) response.write(event.bytes);
  await follow(response, feed, {
    clock,
    heartbeatMs,
    mayFollow,
    signal,
    stateNow: () => feed.lastState() ?? job.text(),
  });
}

interface Following extends StreamOptions {
  readonly stateNow: () => string;
}

async function follow(response: Response, feed: JobFeed, options: Following): Promise<void> {
  const { clock, heartbeatMs, mayFollow, signal, stateNow } = options;
  let behind = false;
  let stopStuck = (): void => {};
  let stopBeat = (): void => {};
  const end = (): void => void response.end();
  const beat = (): void => {
    if (!behind) response.write(': still here\n\n');
    stopBeat = clock.after(heartbeatMs, check);
  };
  const check = (): void => {
    mayFollow().then(
      (may) => (may && !response.writableEnded && !response.destroyed ? beat() : end()),
      () => end(),
    );
  };
  const caughtUp = (): void => {
    stopStuck();
    if (behind) response.write(feedEvent(feed.lastId(), 'status', stateNow()).bytes);
    behind = false;
  };
  const leave = feed.subscribe((event) => {
    if (event.type === 'end') {
      response.end(event.bytes);
    } else if (behind || response.writableLength > MAX_WAITING) {
      if (!behind) stopStuck = clock.after(STUCK_MS, () => response.destroy());
      behind = true;
    } else response.write(event.bytes);
  });
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
