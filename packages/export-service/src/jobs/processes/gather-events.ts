import type { Clock } from '../../clock.js';
import type { RunEvent } from '../job-runner.js';

/** Events on their way to another process. */
export interface EventGatherer {
  add(event: RunEvent): void;
  /** Send what waits. */
  flush(): void;
}

/**
 * Sends events together, at most once in so many milliseconds, in their order; of the progress of a class only the
 * latest. A plan is sent at once.
 */
export function gatherEvents(
  send: (events: readonly RunEvent[]) => void,
  everyMs: number,
  { now, after }: Clock,
): EventGatherer {
  let waiting: RunEvent[] = [];
  let sentAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    sentAt = now();
    send(events);
  };
  return {
    flush,
    add: (event) => {
      if (event.type === 'progress') waiting = waiting.filter((one) => !replaces(event, one));
      waiting.push(event);
      const wait = sentAt + everyMs - now();
      // A clock that was set back must not keep events for long.
      if (event.type === 'plan' || wait <= 0 || wait > everyMs) flush();
      else cancel ??= after(wait, flush);
    },
  };
}

function replaces(event: RunEvent, before: RunEvent): boolean {
  return event.type === 'progress' && before.type === 'progress' && event.name === before.name;
}
