import { describe, expect, it } from '@jest/globals';
import { runStatus } from '../src/cluster-status.js';
import { parseRun, parseSlice, type RunRecord } from '../src/run-record.js';
import { createWorkerTally } from '../src/worker-tally.js';

const record: RunRecord = {
  state: 'running',
  work: { kind: 'export', dataset: '/d' },
  from: 'memory:',
  to: '/d',
  startedAt: '2026-01-01T00:00:00.000Z',
  slices: 4,
  turnParts: 1,
  attempts: 5,
};
const slice = {
  ...{ run: 'r', collection: 0, unit: 0, slice: 0, name: 'c', at: 0, base: 0, turns: 2, rows: 5, bytes: 50 },
  ...{ failedBefore: 0, stalledBefore: 0, queuedAt: 0, waits: 2, queueMs: 9 },
};

describe('the status of a run', () => {
  it('counts slices by what became of them, and the rate of its workers', () => {
    const worker = createWorkerTally('w', 1, () => 0);
    worker.begin('r c 0');
    const busy = { ...worker.record(), pointsPerSecond: 70 };
    const other = { ...busy, active: ['another c 0'] };
    const seen = [
      { state: 'active', slice, points: 7, bytes: 70, failures: 0 },
      { state: 'failed', slice, points: 5, bytes: 50, failures: 5, reason: 'storage: Full.' },
    ] as const;
    expect(runStatus('r', record, seen, [busy, other])).toMatchObject({
      slices: { total: 4, waiting: 0, active: 1, done: 2, quarantined: 1 },
      points: 12,
      pointsPerSecond: 70,
      turns: 4,
      queueMs: 4.5,
      failures: [{ collection: 'c', slice: 0, reason: 'storage: Full.' }],
    });
  });

  it('is what was counted at the end, once it has ended', () => {
    const result = { points: 400, bytes: 4, milliseconds: 2000, turns: 8, waits: 0, queueMs: 0 };
    expect(runStatus('r', { ...record, state: 'done', result }, [], [])).toMatchObject({
      slices: { done: 4 },
      points: 400,
      pointsPerSecond: 200,
      queueMs: 0,
    });
  });
});

describe('what is read from the queue', () => {
  it('is of this version, or nothing', () => {
    expect(parseRun(record)).toEqual(record);
    expect(parseRun({ ...record, state: 'odd' })).toBeUndefined();
    expect(parseRun(undefined)).toBeUndefined();
    expect(parseSlice(slice)).toEqual(slice);
    expect(parseSlice({ ...slice, at: -1 })).toBeUndefined();
  });
});

describe('a worker that tells of itself', () => {
  it('has the rate since it was last told', () => {
    let now = 1000;
    const tally = createWorkerTally('w', 2, () => now);
    tally.begin('r c 1');
    tally.read(500, 5000);
    tally.waited(3);
    now = 3000;
    expect(tally.record()).toMatchObject({
      active: ['r c 1'],
      points: 500,
      pointsPerSecond: 250,
      waits: 1,
      queueMs: 3,
    });
    tally.end('r c 1', 2);
    tally.fail();
    tally.drain();
    now = 4000;
    expect(tally.record()).toMatchObject({
      active: [],
      turns: 1,
      parts: 2,
      failures: 1,
      pointsPerSecond: 0,
      draining: true,
    });
  });
});
