import type { TextStream } from '../terminal.js';
import { formatBytes, formatCount, formatDuration, formatPercent, plural } from './format.js';
import type { ProgressReading, ProgressView } from './progress-view.js';

/** Milliseconds between two lines of the same phase. */
const INTERVAL = 5000;

/**
 * Progress as plain lines without control characters, for logs and pipes: a line every five seconds
 * at most, and one at the end of each phase. `now` gives milliseconds.
 */
export function progressLines(stream: TextStream, now: () => number = () => performance.now()): ProgressView {
  let last: ProgressReading | undefined;
  let printedAt = 0;
  const print = (reading: ProgressReading): void => {
    stream.write(`${progressText(reading)}\n`);
    printedAt = now();
  };
  return {
    show: (reading) => {
      if (last === undefined) printedAt = now();
      last = reading;
      if (now() - printedAt >= INTERVAL) print(reading);
    },
    end: () => {
      if (last !== undefined) print(last);
      last = undefined;
    },
  };
}

/** A reading as one line: `Exporting emoji: 1,000 of 1,923 points (52 %), 9,000 points/s, 12.0 MB/s, 0.1 s left`. */
export function progressText(reading: ProgressReading): string {
  const { title, pointsPerSecond, bytesPerSecond, etaMs, done, total, retries = 0 } = reading;
  const count = countText(reading);
  const rate = pointsPerSecond > 0 ? [`${formatCount(pointsPerSecond)} points/s`] : [];
  const bytes = bytesPerSecond > 0 ? [`${formatBytes(bytesPerSecond)}/s`] : [];
  const left = etaMs !== undefined && done !== total ? [`${formatDuration(etaMs)} left`] : [];
  const retried = retries > 0 ? [retries === 1 ? '1 retry' : `${formatCount(retries)} retries`] : [];
  return `${title}: ${[count, ...rate, ...bytes, ...left, ...retried].join(', ')}`;
}

function countText({ done, total, unit }: ProgressReading): string {
  const inBytes = unit === 'bytes';
  const all = (count: number): string => (inBytes ? formatBytes(count) : plural(count, 'point'));
  if (total === undefined) return all(done);
  return `${inBytes ? formatBytes(done) : formatCount(done)} of ${all(total)} (${formatPercent(done, total)})`;
}
