import { VecportError } from '@vecport/abstractions';

/** Work in steps that must not overlap, until one fails or the last has ended. */
export interface OneAtATime {
  /** @throws VecportError `invalid-argument` while a step is under way, after one that failed, and after the last. */
  check(): void;
  /** A step. When it fails, there are no others. */
  step(work: () => Promise<void>): Promise<void>;
  /** There are no more steps. */
  end(): void;
}

/** `what` names in messages what cannot be written to. */
export function createOneAtATime(what: string): OneAtATime {
  let state: 'ready' | 'busy' | 'failed' | 'finished' = 'ready';
  return {
    check: () => {
      if (state === 'ready') return;
      throw new VecportError('invalid-argument', `${what} cannot be written to: it is ${state}.`, {
        advice: 'Await each call; after a failure begin a new part.',
      });
    },
    step: async (work) => {
      state = 'busy';
      try {
        await work();
        state = 'ready';
      } finally {
        if (state === 'busy') state = 'failed';
      }
    },
    end: () => {
      state = 'finished';
    },
  };
}
