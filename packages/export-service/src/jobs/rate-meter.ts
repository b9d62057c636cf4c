/** How fast objects of a job are moved. */
export interface RateMeter {
  /** So many are done of so many; the first call is where counting begins. */
  add(done: number): void;
  /** Objects a second over the last while; `undefined` before there is anything to say. */
  perSecond(): number | undefined;
}

/** Milliseconds that count, and at most how many readings of them. */
const WINDOW_MS = 15_000;
const READINGS = 64;

/** A meter by a clock. */
export function createRateMeter(now: () => number): RateMeter {
  let readings: { readonly at: number; readonly done: number }[] = [];
  return {
    add: (done) => {
      const at = now();
      // A clock that was set back: what was read before says nothing now.
      if ((readings.at(-1)?.at ?? at) > at) readings = [];
      const last = readings.at(-1);
      // Two in nearly the same moment are one reading.
      if (last !== undefined && readings.length > 1 && at - last.at < WINDOW_MS / READINGS) readings.pop();
      readings.push({ at, done });
      if (readings.length > 2)
        readings = readings.filter((reading, n) => n > readings.length - 3 || reading.at > at - WINDOW_MS);
    },
    perSecond: () => {
      const [first, last] = [readings[0], readings.at(-1)];
      if (first === undefined || last === undefined || last.at <= first.at) return undefined;
      return Math.max(0, (last.done - first.done) / ((last.at - first.at) / 1000));
    },
  };
}
