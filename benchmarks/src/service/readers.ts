import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Dispatcher } from 'undici';

/*
 * A process of its own that reads the status of exports, again and again and as event streams, until its standard input
 * ends; then it prints a `ReaderReport` as JSON. Its argument is `ReaderOptions` as JSON.
 */

/** What is read, and how often. */
export interface ReaderOptions {
  /** Addresses of statuses; readers take turns with them. */
  readonly statuses: readonly string[];
  /** Readers that request a status, wait and request it again, each over one connection that stays open. */
  readonly pollers: number;
  /** Milliseconds a poller waits after an answer; 0 for a closed loop. */
  readonly pauseMs: number;
  /** Readers of event streams. */
  readonly streams: number;
}

/** What readers have seen. */
export interface ReaderReport {
  /** Seconds from the first request to the end. */
  readonly seconds: number;
  readonly requests: number;
  /** Milliseconds from a request to the end of its answer. */
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Streams that were open at the same time. */
  readonly streams: number;
  readonly events: number;
  /** Answers other than 200 or without a status, connections that broke, and streams that ended without their last event. */
  readonly errors: number;
  /** What was wrong at first. */
  readonly firstError?: string | undefined;
}

/** Readers of a kind come one after the other, so many milliseconds apart. */
const COME_EVERY_MS = 20;

const options = JSON.parse(process.argv[2] ?? '') as ReaderOptions;
const ending = new AbortController();
const times: number[] = [];
let streams = 0;
let mostStreams = 0;
let events = 0;
let errors = 0;
let firstError: string | undefined;

const begun = performance.now();
const readers = [
  ...Array.from({ length: options.streams }, async (_, n) => follow(addressOf(n), n * COME_EVERY_MS)),
  ...Array.from({ length: options.pollers }, async (_, n) => poll(addressOf(n), n * COME_EVERY_MS)),
];
process.stdin.resume();
await once(process.stdin, 'end');
ending.abort();
await Promise.all(readers);
const sorted = times.toSorted((a, b) => a - b);
const report: ReaderReport = {
  seconds: (performance.now() - begun) / 1000,
  requests: times.length,
  medianMs: quantile(sorted, 0.5),
  p99Ms: quantile(sorted, 0.99),
  maxMs: quantile(sorted, 1),
  streams: mostStreams,
  events,
  errors,
  firstError,
};
process.stdout.write(JSON.stringify(report));

function addressOf(reader: number): string {
  return options.statuses[reader % options.statuses.length] ?? '';
}

async function poll(address: string, comeMs: number): Promise<void> {
  const { signal } = ending;
  const { origin, pathname } = new URL(address);
  const client = new Client(origin);
  await pause(comeMs);
  while (!signal.aborted) {
    const asked = performance.now();
    try {
      const { body } = await open(client, pathname);
      const text = await body.text();
      times.push(performance.now() - asked);
      if (typeof (JSON.parse(text) as { status?: unknown }).status !== 'string') fail(`no status in ${text}`);
    } catch (error) {
      fail(String(error));
    }
    if (options.pauseMs > 0) await pause(options.pauseMs);
  }
  await client.close();
}

async function follow(address: string, comeMs: number): Promise<void> {
  const { signal } = ending;
  const { origin, pathname } = new URL(address);
  const client = new Client(origin);
  let last = '';
  await pause(comeMs);
  if (signal.aborted) return;
  try {
    const { body } = await open(client, `${pathname}/events`);
    streams++;
    mostStreams = Math.max(mostStreams, streams);
    signal.addEventListener('abort', () => body.destroy(), { once: true });
    for await (const chunk of body.setEncoding('utf8')) {
      const found = [...String(chunk).matchAll(/^event: (\w+)$/gm)];
      events += found.length;
      last = found.at(-1)?.[1] ?? last;
    }
    if (last !== 'end' && !signal.aborted) fail('a stream ended early');
  } catch (error) {
    if (!signal.aborted) fail(String(error));
  } finally {
    streams--;
    await client.destroy();
  }
}

async function open(client: Client, path: string): Promise<Dispatcher.ResponseData> {
  const response = await client.request({ path, method: 'GET', bodyTimeout: 0 });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${await response.body.text()}`);
  return response;
}

async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: ending.signal }).catch(() => {});
}

function fail(reason: string): void {
  errors++;
  firstError ??= reason;
}

function quantile(ascending: readonly number[], part: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)] ?? Number.NaN;
}
