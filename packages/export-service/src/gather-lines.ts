/** Lines on their way to a slow place, a pipe or a terminal. */
export interface LineGatherer {
  write(line: string): void;
  /** Send what waits. */
  flush(): void;
}

/**
 * Sends lines together, at most once in so many milliseconds: to write each alone would keep everything else waiting.
 * What waits when the process ends is sent then; by a kill it is lost.
 */
export function gatherLines(send: (lines: string) => void, everyMs: number): LineGatherer {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    process.off('exit', flush);
    const lines = waiting;
    waiting = '';
    if (lines !== '') send(lines);
  };
  return {
    flush,
    write: (line) => {
      waiting += line;
      if (timer !== undefined) return;
      timer = setTimeout(flush, everyMs);
      process.once('exit', flush);
    },
  };
}
