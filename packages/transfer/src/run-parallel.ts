/**
 * Run `work` for 0 … `count` − 1, at most `parallel` at a time, in ascending order of starting. The
 * first failure (or the caller's abort) aborts the signal of all others; the promise settles when
 * every one has ended, with the first failure.
 */
export async function runParallel(
  count: number,
  parallel: number,
  signal: AbortSignal | undefined,
  work: (index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const joint = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && !joint.aborted) {
      const index = next++;
      try {
        await work(index, joint);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(parallel, count)) }, worker);
  await Promise.allSettled(workers);
  joint.throwIfAborted();
}
