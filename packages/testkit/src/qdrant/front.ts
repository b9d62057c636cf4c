import { Database } from './database.js';
import type { FakeQdrantRequest, QdrantFault, QdrantFaultSource } from './fault.js';
import { Refusal } from './server-error.js';

const BYTES_KEPT = 64 * 1024;
const NO_BYTES = new Uint8Array();

/** What both interfaces share: the data, the key, the faults and the log of the requests. */
export interface Front {
  readonly database: Database;
  readonly requests: readonly FakeQdrantRequest[];
  faults: QdrantFaultSource | undefined;
  /** Log a request that came in whole, ask for its fault and wait as that says. */
  receive(request: Omit<FakeQdrantRequest, 'number'>): Promise<QdrantFault>;
  /** @throws Refusal when the headers do not have the key. */
  authorize(headers: Readonly<Record<string, string>>): void;
}

/** What both interfaces share, empty. */
export function createFront(apiKey: string | undefined, faults: QdrantFaultSource | undefined): Front {
  const requests: FakeQdrantRequest[] = [];
  let count = 0;
  const front: Front = {
    database: new Database(),
    requests,
    faults,
    receive: async (received) => {
      const request = { ...received, number: ++count };
      requests.push(request.body.length > BYTES_KEPT ? { ...request, body: NO_BYTES } : request);
      const fault = (await front.faults?.(request)) ?? {};
      if (fault.delayMs !== undefined) await delay(fault.delayMs);
      return fault;
    },
    authorize: (headers) => {
      if (apiKey !== undefined) checkKey(apiKey, headers);
    },
  };
  return front;
}

function checkKey(apiKey: string, headers: Readonly<Record<string, string>>): void {
  const given = headers['api-key'] ?? /^Bearer (.*)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (given === undefined) {
    throw new Refusal('unauthorized', 'Must provide an API key or an Authorization bearer token');
  }
  if (given !== apiKey) throw new Refusal('unauthorized', 'Invalid API key or JWT');
}

/** A delay that does not keep the process alive. */
async function delay(milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

/** Seconds since `started` (by `performance.now()`), to the nanosecond. */
export function secondsSince(started: number): number {
  return Number(((performance.now() - started) / 1000).toFixed(9));
}

/** Headers with one value each, as text. */
export function plainHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined || name.startsWith(':')) return [];
      return [[name, typeof value === 'string' ? value : value.join(', ')]];
    }),
  );
}
