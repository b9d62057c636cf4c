import { raceSignal, VecportError } from '@vecport/abstractions';

/** A time limit for work that may ignore its signal. */
export interface Deadline {
  /** Aborted with a `timeout` error when the time is over, or with the reason of the outer signal. */
  readonly signal: AbortSignal;
  /** The result of `work`, or the abort reason, whichever comes first. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Let go of the timer and the outer signal. */
  clear(): void;
}

/** A deadline that starts now. */
export function startDeadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    controller.abort(new VecportError('timeout', `No answer within ${timeoutMs / 1000} s.`));
  }, timeoutMs);
  outer?.addEventListener('abort', stop, { once: true });
  if (outer?.aborted === true) stop();
  return {
    signal,
    race: async (work) => raceSignal(work, signal),
    clear: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', stop);
    },
  };
}
