import { Cron } from 'croner';
import { ProblemError } from '../problems/problem-error.js';

/** Runs of a schedule may not be nearer to each other, in milliseconds. */
const SHORTEST = 60_000;
/** How many runs are looked at to find that out, and how many missed ones are counted. */
const LOOKED_AT = 10;
const MAX_MISSED = 1000;

/** When a schedule runs. */
export interface RunTimes {
  /** The first run after a time, both milliseconds since 1970; `undefined` when there is none any more. */
  after(time: number): number | undefined;
  /** Runs after `from` and not after `to`; counted up to 1,000. */
  between(from: number, to: number): number;
}

/**
 * The runs of a cron expression in a time zone. An hour that clocks skip or repeat is handled as cron does: a run in a
 * skipped hour is done at its end, one in a repeated hour once.
 * @throws ProblemError `invalid-request` for a wrong expression or zone, and for runs less than a minute apart.
 */
export function runTimes(expression: string, timeZone: string, now: number): RunTimes {
  const cron = parse(expression, timeZone, now);
  const after = (time: number): number | undefined => cron.nextRun(new Date(time))?.getTime();
  const times = { after, between: (from: number, to: number) => countBetween(after, from, to) };
  checkDistance(after, now);
  return times;
}

function parse(expression: string, timeZone: string, now: number): Cron {
  try {
    const cron = new Cron(expression, { timezone: timeZone, paused: true });
    cron.nextRun(new Date(now));
    return cron;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError('invalid-request', `cron or timeZone is wrong: ${reason}`, { cause: error });
  }
}

function checkDistance(after: RunTimes['after'], now: number): void {
  let before = after(now);
  for (let n = 0; n < LOOKED_AT && before !== undefined; n++) {
    const next = after(before);
    if (next !== undefined && next - before < SHORTEST) {
      throw new ProblemError('invalid-request', 'cron: runs must be at least a minute apart.');
    }
    before = next;
  }
}

function countBetween(after: RunTimes['after'], from: number, to: number): number {
  let count = 0;
  for (let at = after(from); at !== undefined && at <= to && count < MAX_MISSED; at = after(at)) count++;
  return count;
}
