/** How far files are that are moved as they are, in bytes. */
export interface ByteProgress {
  /** Those of an earlier run included. */
  readonly done: number;
  readonly total: number;
  /** Of this run. */
  readonly moved: number;
}

/** Told after every piece; must be quick and must not throw. */
export type ByteListener = (progress: ByteProgress) => void;

/** Counts bytes. */
export interface ByteTally {
  readonly total: number;
  /** Bytes that an earlier run had moved, and that are right as far as is known. */
  readonly kept: number;
  /** Bytes that were moved, negative when they are to be moved again; `kept` for those of an earlier run. */
  add(bytes: number, kept: boolean): void;
}

/** A tally of nothing, which is told. */
export function startByteTally(total: number, listener: ByteListener | undefined): ByteTally {
  let done = 0;
  let kept = 0;
  listener?.({ done, total, moved: 0 });
  return {
    total,
    get kept() {
      return kept;
    },
    add: (bytes, ofEarlierRun) => {
      done += bytes;
      if (ofEarlierRun) kept += bytes;
      // What was kept and turned out to be wrong is moved again.
      kept = Math.min(kept, done);
      listener?.({ done, total, moved: done - kept });
    },
  };
}
