import { VecportError } from '@vecport/abstractions';

/** Work in steps that ends once: with its last step, or by being aborted. */
export interface OneEnding {
  /** A step. When it fails, only `abort` is left. */
  step<T>(work: () => Promise<T>): Promise<T>;
  /** The last step. When it fails, the work is aborted. */
  last<T>(work: () => Promise<T>): Promise<T>;
  /** Does nothing after the end. */
  abort(): Promise<void>;
}

/** `what` names the work in messages; `undo` is called at most once. The signal is honoured before each step. */
export function createOneEnding(what: string, undo: () => Promise<void>, signal: AbortSignal | undefined): OneEnding {
  let state: 'open' | 'failed' | 'ended' = 'open';
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (state !== 'open') throw new VecportError('invalid-argument', `${what} is no longer open.`);
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      state = 'failed';
      throw error;
    }
  };
  const abort = async (): Promise<void> => {
    if (state === 'ended') return;
    state = 'ended';
    await undo();
  };
  return {
    step,
    last: async (work) => {
      try {
        const result = await step(work);
        state = 'ended';
        return result;
      } catch (error) {
        // The first error says more than one of cleaning up after it.
        await abort().catch(() => undefined);
        throw error;
      }
    },
    abort,
  };
}
