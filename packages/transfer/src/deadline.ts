import { VecportError } from '@vecport/abstractions';

/** The longest time a timer can wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Do work that is aborted when it takes longer than `timeoutMs`; without it, just do it. The reason it is aborted with,
 * which the work throws, is a VecportError `timeout` that is not to be tried again.
 * @throws VecportError `invalid-argument` for a time that is not between 1 ms and 24 days.
 */
export async function withDeadline<T>(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(signal);
  if (!(timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new VecportError('invalid-argument', `A deadline of ${timeoutMs} ms is not between 1 ms and 24 days.`);
  }
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(
      new VecportError('timeout', `It was not done within ${timeoutMs / 1000} s.`, {
        advice: 'What is complete is kept; go on with --resume and more time.',
      }),
    );
  }, timeoutMs);
  try {
    return await work(signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
