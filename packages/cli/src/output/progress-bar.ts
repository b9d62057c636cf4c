import { SingleBar } from 'cli-progress';
import { formatBytes, formatCount, formatDuration } from './format.js';
import { progressText } from './progress-lines.js';
import type { ProgressReading, ProgressView } from './progress-view.js';

/** Progress as a bar on a terminal, one line for each phase. */
export function progressBar(stream: NodeJS.WritableStream): ProgressView {
  let bar: SingleBar | undefined;
  let last: ProgressReading | undefined;
  return {
    show: (reading) => {
      last = reading;
      bar ??= startBar(stream, reading);
      bar.setTotal(reading.total ?? reading.done);
      bar.update(reading.done, payloadOf(reading));
    },
    end: () => {
      if (bar !== undefined && last !== undefined) bar.update(last.done, payloadOf(last));
      bar?.stop();
      bar = undefined;
    },
  };
}

function startBar(stream: NodeJS.WritableStream, reading: ProgressReading): SingleBar {
  const bar = new SingleBar({
    stream,
    // Without a total there is nothing to draw a bar to.
    format: reading.total === undefined ? '{text}' : '{title} [{bar}] {percentage}% | {count} | {rate} | {left}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    fps: 8,
    // A hidden cursor would stay hidden when the process is killed, and signals are handled elsewhere.
    hideCursor: false,
    gracefulExit: false,
    // A line that is longer than the terminal is wide is cut, so that it can be drawn over.
    linewrap: true,
  });
  bar.start(reading.total ?? reading.done, reading.done, payloadOf(reading));
  return bar;
}

function payloadOf(reading: ProgressReading): Record<string, string> {
  const { title, done, total, unit, pointsPerSecond, bytesPerSecond, etaMs, retries = 0 } = reading;
  const format = unit === 'bytes' ? formatBytes : formatCount;
  const bytes = bytesPerSecond > 0 ? `${formatBytes(bytesPerSecond)}/s` : '–';
  return {
    title,
    text: progressText(reading),
    count: `${format(done)}/${format(total ?? done)}`,
    rate: unit === 'bytes' ? bytes : `${formatCount(pointsPerSecond)} points/s | ${bytes}`,
    left: `${etaMs === undefined ? 'ETA –' : `ETA ${formatDuration(etaMs)}`}${retries > 0 ? ` | retries ${formatCount(retries)}` : ''}`,
  };
}
