import type { Clock } from '../../src/index.js';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Go on to a time, calling what is due on the way in its order, and let what that began get along. */
  goTo(time: string | number): Promise<void>;
  /** Show another time, as when somebody sets it: what waits, waits as long as before. */
  set(time: string): void;
}

/** A clock that shows a time. */
export function fakeClock(start: string): FakeClock {
  let now = Date.parse(start);
  let waiting: { at: number; readonly call: () => void }[] = [];
  return {
    now: () => now,
    after: (milliseconds, call) => {
      const entry = { at: now + Math.max(0, milliseconds), call };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    set: (time) => {
      const change = Date.parse(time) - now;
      now += change;
      waiting = waiting.map((entry) => Object.assign(entry, { at: entry.at + change }));
    },
    goTo: async (time) => {
      const end = typeof time === 'number' ? time : Date.parse(time);
      for (;;) {
        const next = waiting.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting = waiting.filter((entry) => entry !== next);
        now = Math.max(now, next.at);
        next.call();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = Math.max(now, end);
    },
  };
}
