import { useCallback, useEffect, useState } from 'react';
import { ask } from './ask.js';

/** A request under way, answered or refused. What was there stays while it is asked again. */
export interface Answer<T> {
  readonly value: T | undefined;
  readonly problem: string | undefined;
  /** The round that was answered last, counted from 0; it changes with every answer. */
  readonly answered: number | undefined;
  readonly again: () => void;
}

/** The answer to a GET; asked anew when the path changes. No path, no request. */
export function useAnswer<T>(path: string | undefined): Answer<T> {
  const [state, setState] = useState<{ path?: string | undefined; value?: T; problem?: string; answered?: number }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (path === undefined) return;
    const leaving = new AbortController();
    ask<T>(path, { signal: leaving.signal }).then(
      (value) => setState({ path, value, answered: round }),
      (error: unknown) => {
        if (!leaving.signal.aborted)
          setState({ path, problem: error instanceof Error ? error.message : String(error), answered: round });
      },
    );
    return () => leaving.abort();
  }, [path, round]);
  const again = useCallback(() => setRound((count) => count + 1), []);
  const current = state.path === path ? state : {};
  return { value: current.value, problem: current.problem, answered: current.answered, again };
}
