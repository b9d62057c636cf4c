/** How far a job is. */
export interface TransferProgress {
  readonly phase: 'read' | 'validate' | 'verify';
  readonly collection: string;
  /** Points done, those of an earlier, resumed run included. */
  readonly done: number;
  /** Points to do in all, where known. */
  readonly total?: number | undefined;
  /** Bytes of columns or files that went through in this run. */
  readonly bytes: number;
  /** How often something was tried again in this run; absent where it is not counted. */
  readonly retries?: number | undefined;
}

/** Told after every batch; must be quick and must not throw. */
export type ProgressListener = (progress: TransferProgress) => void;

/** Rate and time left, from a series of readings. */
export interface ProgressEstimate {
  /** Points a second since the start of this run. */
  readonly pointsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Milliseconds left; absent where the total is unknown or nothing is done yet. */
  readonly etaMs?: number | undefined;
}

/** Follows one phase of one collection. `now` gives milliseconds. */
export function createProgressMeter(
  now: () => number = () => performance.now(),
): (progress: TransferProgress) => ProgressEstimate {
  let key: string | undefined;
  let startedAt = 0;
  let before = 0;
  let bytesBefore = 0;
  return ({ phase, collection, done, total, bytes }) => {
    if (key !== `${phase} ${collection}`) {
      key = `${phase} ${collection}`;
      startedAt = now();
      before = done;
      bytesBefore = bytes;
    }
    const seconds = (now() - startedAt) / 1000;
    if (seconds <= 0) return { pointsPerSecond: 0, bytesPerSecond: 0 };
    const pointsPerSecond = (done - before) / seconds;
    const left = total === undefined || pointsPerSecond === 0 ? undefined : Math.max(0, total - done) / pointsPerSecond;
    return {
      pointsPerSecond,
      bytesPerSecond: (bytes - bytesBefore) / seconds,
      etaMs: left === undefined ? undefined : left * 1000,
    };
  };
}
