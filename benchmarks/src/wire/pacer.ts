/** Lets answers out at a rate, whichever connection they are for. */
export interface Pacer {
  /** Resolves when a server of that rate has read so many points more. */
  wait(points: number): Promise<void>;
}

/** A pacer for so many points a second; all at once if the rate is 0. What it fell behind by, it catches up. */
export function createPacer(pointsPerSecond: number): Pacer {
  let ready = 0;
  return {
    wait: async (points) => {
      if (pointsPerSecond === 0) return;
      const now = performance.now();
      // Nothing is read ahead of a request: an idle server does not save up time.
      ready = Math.max(ready, now) + (points / pointsPerSecond) * 1000;
      const left = ready - now;
      if (left >= 1) await new Promise((resolve) => setTimeout(resolve, left));
    },
  };
}
