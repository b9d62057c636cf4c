import { ProblemError } from '../problems/problem-error.js';

/** Room for so many at the same time, of which nobody has more than half. */
export interface Seats {
  /** Take a seat; what is returned gives it back. @throws ProblemError `busy` when there is none for this name. */
  take(name: string): () => void;
}

/** Seats for `most` in all. */
export function createSeats(most: number): Seats {
  const taken = new Map<string, number>();
  const mostOfOne = Math.max(1, Math.floor(most / 2));
  let all = 0;
  return {
    take: (name) => {
      const own = taken.get(name) ?? 0;
      if (all >= most || own >= mostOfOne) {
        throw new ProblemError('busy', 'Too many event streams are open.', { retryAfter: 30 });
      }
      all++;
      taken.set(name, own + 1);
      return () => {
        all--;
        const left = (taken.get(name) ?? 1) - 1;
        if (left > 0) taken.set(name, left);
        else taken.delete(name);
      };
    },
  };
}
