import type { WriteReport } from '@vecport/abstractions';

/** How parts are sent. */
interface SendOptions {
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Send the parts of a write, several at a time, the last one alone after all others. A part is made when there is room for
 * it. When one fails no more are sent, and what is under way is waited for: nothing is written any more when this
 * throws.
 */
export async function sendParts<T>(
  parts: Iterable<T>,
  send: (part: T, isLast: boolean) => Promise<WriteReport>,
  { concurrency, signal }: SendOptions,
): Promise<WriteReport> {
  const running = new Set<Promise<void>>();
  const reports: WriteReport[] = [];
  const failures: unknown[] = [];
  const start = (part: T, isLast: boolean): void => {
    const run = send(part, isLast)
      .then(
        (report) => {
          reports.push(report);
        },
        (error: unknown) => {
          failures.push(error);
        },
      )
      .finally(() => running.delete(run));
    running.add(run);
  };
  const stopped = (): boolean => failures.length > 0 || signal?.aborted === true;
  let held: { readonly part: T } | undefined;
  for (const part of parts) {
    if (held !== undefined) start(held.part, false);
    held = { part };
    while (running.size >= concurrency) await Promise.race(running);
    if (stopped()) break;
  }
  await Promise.all(running);
  if (held !== undefined && !stopped()) start(held.part, true);
  await Promise.all(running);
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return {
    accepted: reports.reduce((sum, { accepted }) => sum + accepted, 0),
    failed: reports.flatMap(({ failed }) => failed),
  };
}
