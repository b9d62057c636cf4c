/** A number of places, given in the order in which they were asked for. */
export interface Slots {
  /** Resolves with a function that gives the place back. */
  take(): Promise<() => void>;
}

/** So many places. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async take() {
      if (free > 0) free -= 1;
      else
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      let taken = true;
      return () => {
        if (taken) giveBack();
        taken = false;
      };
    },
  };
}
