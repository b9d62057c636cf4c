import { ERROR_CODES, type ErrorCode, VecportError } from '@vecport/abstractions';
import type { DispatchedSlice, TransferProgress } from '@vecport/transfer';
import type { SliceSeen } from './run-snapshot.js';

/** Failures that are told by name. */
const SHOWN = 5;

/** What is to be done about a run. */
export type RunVerdict =
  | { readonly next: 'wait' }
  /** These slices are not in the queue (any more). */
  | { readonly next: 'queue'; readonly slices: readonly number[] }
  /** The queue says that all are done. */
  | { readonly next: 'check' }
  | { readonly next: 'fail'; readonly failed: readonly SliceSeen[] };

/** What follows from what the queue says of a run's slices, `open` of which were not done when it was last checked. */
export function judgeRun(open: ReadonlySet<number>, seen: readonly SliceSeen[]): RunVerdict {
  const byNumber = new Map(seen.map((one) => [one.slice.at, one]));
  const missing = [...open].filter((at) => !byNumber.has(at));
  if (missing.length > 0) return { next: 'queue', slices: missing };
  const states = [...open].flatMap((at) => byNumber.get(at) ?? []);
  if (states.some(({ state }) => state === 'waiting' || state === 'active')) return { next: 'wait' };
  const failed = states.filter(({ state }) => state === 'failed');
  return failed.length > 0 ? { next: 'fail', failed } : { next: 'check' };
}

/** The error of a run with slices that were given up: theirs, when all have the same code. */
export function poisonError(failed: readonly SliceSeen[], total: number): VecportError {
  const reasons = failed.map(({ reason = '' }) => reason);
  const codes = new Set(reasons.map(codeOf));
  const [code = 'incomplete'] = codes.size === 1 ? codes : [];
  const shown = failed.slice(0, SHOWN).map(({ slice, reason }) => `${slice.name}, slice ${slice.slice}: ${reason}`);
  const more = failed.length > SHOWN ? ` (and ${failed.length - SHOWN} more)` : '';
  return new VecportError(code, `${failed.length} of ${total} slices were given up: ${shown.join('; ')}${more}`, {
    operation: 'cluster',
    advice: 'All other slices are done and kept. Remove the cause, and go on with --resume.',
  });
}

function codeOf(reason: string): ErrorCode {
  const code = /^([a-z-]+): /.exec(reason)?.[1];
  return ERROR_CODES.find((known) => known === code) ?? 'incomplete';
}

/** When a run last went on. */
export interface RunPace {
  /** Rows that were durable then, and slices that were done. */
  readonly rows: number;
  readonly done: number;
  /** Turns that had failed by then. */
  readonly failures: number;
}

/** Turns that fail one after the other, whatever slices they are of, in multiples of the attempts a slice has. */
const HOPELESS = 3;

/** The pace of a run now: `before`, unless something has become durable since. */
export function paceOf(seen: readonly SliceSeen[], before: RunPace | undefined): RunPace {
  const now = {
    rows: seen.reduce((sum, { slice }) => sum + slice.rows, 0),
    done: seen.filter(({ state }) => state === 'done').length,
    failures: seen.reduce((sum, { failures }) => sum + failures, 0),
  };
  return before !== undefined && now.rows === before.rows && now.done === before.done ? before : now;
}

/**
 * The error of a run whose turns all fail, so that nothing goes on: what all slices need is gone. `undefined` when that
 * cannot be said (yet): it need not wait until each slice has had all of its attempts.
 */
export function hopelessError(seen: readonly SliceSeen[], pace: RunPace, attempts: number): VecportError | undefined {
  const failed = paceOf(seen, undefined).failures - pace.failures;
  const reason = seen.find((one) => one.reason !== undefined)?.reason;
  if (failed < attempts * HOPELESS || reason === undefined) return undefined;
  return new VecportError(codeOf(reason), `Nothing went on for ${failed} turns, the last of which failed: ${reason}`, {
    operation: 'cluster',
    advice: 'What is done is kept. Remove the cause, and go on with --resume.',
  });
}

/** How far each collection of a run is. `done`: points of the slices that are not in the queue as they were done before. */
export function progressOf(
  slices: readonly DispatchedSlice[],
  seen: readonly SliceSeen[],
  done: ReadonlyMap<number, number>,
): readonly TransferProgress[] {
  const byNumber = new Map(seen.map((one) => [one.slice.at, one]));
  const numbered = slices.map((slice, at) => ({ ...slice, at }));
  const groups = Map.groupBy(numbered, ({ collection }) => collection);
  return [...groups.values()].map((group) => ({
    phase: 'read',
    collection: group[0]?.name ?? '',
    done: group.reduce((sum, { at }) => sum + (byNumber.get(at)?.points ?? done.get(at) ?? 0), 0),
    total: group.reduce<number | undefined>(
      (sum, { points }) => (sum === undefined || points === undefined ? undefined : sum + points),
      0,
    ),
    bytes: group.reduce((sum, { at }) => sum + (byNumber.get(at)?.bytes ?? 0), 0),
  }));
}
