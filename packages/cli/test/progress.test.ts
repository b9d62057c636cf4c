import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { TransferProgress } from '@vecport/transfer';
import { progressBar } from '../src/output/progress-bar.js';
import { progressLines, progressText } from '../src/output/progress-lines.js';
import { createProgressTracker, formatMovedRate, type ProgressMeter } from '../src/output/progress-tracker.js';
import type { ProgressReading, ProgressView } from '../src/output/progress-view.js';

const VERBS = { read: 'Exporting', validate: 'Checking', verify: 'Comparing' };
const meter: ProgressMeter = () => ({ pointsPerSecond: 500, bytesPerSecond: 2_000_000, etaMs: 1000 });

function reading(done: number, more: Partial<ProgressReading> = {}): ProgressReading {
  const progress: TransferProgress = { phase: 'read', collection: 'items', done, total: 1000, bytes: done * 10 };
  return { ...progress, ...meter(progress), title: 'Exporting items', ...more };
}

function recordingView(): ProgressView & { readonly events: string[] } {
  const events: string[] = [];
  return {
    events,
    show: ({ title, done }) => void events.push(`${title} ${done}`),
    end: () => void events.push('end'),
  };
}

describe('progress as lines', () => {
  it('prints at most one line in five seconds, and one at the end', () => {
    const lines: string[] = [];
    let time = 0;
    const view = progressLines({ write: (text: string) => void lines.push(text) }, () => time);
    for (const done of [100, 200, 300, 400, 500]) {
      view.show(reading(done));
      time += 2000;
    }
    expect(lines).toEqual(['Exporting items: 400 of 1,000 points (40 %), 500 points/s, 2.00 MB/s, 1.0 s left\n']);
    view.end();
    view.end();
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('500 of 1,000 points');
  });

  it('leaves out what is not known', () => {
    expect(
      progressText(reading(7, { total: undefined, etaMs: undefined, pointsPerSecond: 0, bytesPerSecond: 0 })),
    ).toBe('Exporting items: 7 points');
    expect(progressText(reading(1000))).toBe('Exporting items: 1,000 of 1,000 points (100 %), 500 points/s, 2.00 MB/s');
  });

  it('has the number of retries when there were any', () => {
    const quiet = { pointsPerSecond: 0, bytesPerSecond: 0, etaMs: undefined, total: undefined } as const;
    expect(progressText(reading(7, { ...quiet, retries: 0 }))).toBe('Exporting items: 7 points');
    expect(progressText(reading(7, { ...quiet, retries: 1 }))).toBe('Exporting items: 7 points, 1 retry');
    expect(progressText(reading(7, { ...quiet, retries: 1200 }))).toBe('Exporting items: 7 points, 1,200 retries');
  });

  it('has no control characters', () => {
    expect(progressText(reading(5))).not.toMatch(/\p{Cc}/u);
  });
});

describe('progress as a bar', () => {
  it('shows percentage, points, rate, bytes and time left on a terminal', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200 });
    const view = progressBar(stream);
    view.show(reading(0));
    view.show(reading(250));
    view.end();
    const text = String(stream.read());
    for (const part of ['Exporting items', '25%', '250/1,000', '500 points/s', '2.00 MB/s', 'ETA 1.0 s']) {
      expect(text).toContain(part);
    }
  });

  it('leaves no listener for signals behind', () => {
    const before = process.listenerCount('SIGINT');
    const view = progressBar(Object.assign(new PassThrough(), { isTTY: true, columns: 80 }));
    view.show(reading(1));
    expect(process.listenerCount('SIGINT')).toBe(before);
    view.end();
  });
});

describe('following the phases', () => {
  it('ends a phase before the next begins', () => {
    const view = recordingView();
    const tracker = createProgressTracker(view);
    const listen = tracker.listen(VERBS, meter);
    listen({ phase: 'validate', collection: 'a', done: 1, bytes: 0 });
    listen({ phase: 'read', collection: 'a', done: 2, bytes: 0 });
    listen({ phase: 'read', collection: 'b', done: 3, bytes: 0 });
    tracker.end();
    expect(view.events).toEqual(['Checking a 1', 'end', 'Exporting a 2', 'end', 'Exporting b 3', 'end']);
  });

  it('knows what was moved, and how fast', () => {
    let time = 0;
    const tracker = createProgressTracker(recordingView(), () => time);
    const listen = tracker.listen(VERBS, meter);
    listen({ phase: 'validate', collection: 'a', done: 10, bytes: 0 });
    expect(tracker.moved.size).toBe(0);
    time = 500;
    listen({ phase: 'read', collection: 'a', done: 600, bytes: 0 });
    time = 1000;
    listen({ phase: 'read', collection: 'a', done: 1600, bytes: 0 });
    expect(formatMovedRate(tracker.moved.get('a'))).toBe('1,600/s');
    expect(formatMovedRate(tracker.moved.get('a'), true)).toBe('1,000/s');
    expect(formatMovedRate(tracker.moved.get('b'))).toBe('–');
  });
});
