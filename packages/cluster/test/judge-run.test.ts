import { describe, expect, it } from '@jest/globals';
import { hopelessError, judgeRun, paceOf, poisonError, progressOf } from '../src/judge-run.js';
import type { SliceJob } from '../src/run-record.js';
import type { SliceSeen } from '../src/run-snapshot.js';

const COUNTS = { turns: 0, rows: 0, bytes: 0, failedBefore: 0, stalledBefore: 0, queuedAt: 0, waits: 0, queueMs: 0 };

function seen(at: number, state: SliceSeen['state'], extra: Partial<SliceSeen> = {}): SliceSeen {
  const slice: SliceJob = { run: 'r', collection: 0, unit: 0, slice: at, name: 'c', at, base: 0, ...COUNTS };
  return { state, slice, points: 0, bytes: 0, failures: 0, ...extra };
}

describe('what is done about a run', () => {
  it('queues what is not there, whatever else is', () => {
    expect(judgeRun(new Set([0, 1, 2]), [seen(1, 'failed')])).toEqual({ next: 'queue', slices: [0, 2] });
    expect(judgeRun(new Set([4]), [])).toEqual({ next: 'queue', slices: [4] });
  });

  it('waits while anything waits or is worked on, failures or not', () => {
    expect(judgeRun(new Set([0, 1]), [seen(0, 'failed'), seen(1, 'active')])).toEqual({ next: 'wait' });
    expect(judgeRun(new Set([0, 1]), [seen(0, 'done'), seen(1, 'waiting')])).toEqual({ next: 'wait' });
  });

  it('fails when the others are done, and looks at the checkpoints when all are', () => {
    const failed = seen(0, 'failed');
    expect(judgeRun(new Set([0, 1]), [failed, seen(1, 'done')])).toEqual({ next: 'fail', failed: [failed] });
    expect(judgeRun(new Set([0]), [seen(0, 'done'), seen(1, 'active')])).toEqual({ next: 'check' });
  });
});

describe('the error of slices that were given up', () => {
  it('has their code when they have one, and names them', () => {
    const failed = [seen(0, 'failed', { reason: 'storage: Full.' }), seen(3, 'failed', { reason: 'storage: Full.' })];
    expect(poisonError(failed, 9)).toMatchObject({
      code: 'storage',
      reason: '2 of 9 slices were given up: c, slice 0: storage: Full.; c, slice 3: storage: Full.',
    });
  });

  it('is incomplete when they have several codes, or none of ours, and names the first ones', () => {
    const reasons = ['storage: a', 'unavailable: b'];
    expect(
      poisonError(
        reasons.map((reason, at) => seen(at, 'failed', { reason })),
        2,
      ).code,
    ).toBe('incomplete');
    const many = Array.from({ length: 7 }, (_, at) => seen(at, 'failed', { reason: 'unexpected: x' }));
    expect(poisonError(many, 7)).toMatchObject({
      code: 'incomplete',
      reason: expect.stringMatching(/\(and 2 more\)$/),
    });
  });
});

describe('a run of which nothing goes on', () => {
  const failing = (failures: number): readonly SliceSeen[] =>
    Array.from({ length: 10 }, (_, at) => seen(at, 'waiting', { failures, reason: 'unavailable: Gone.' }));

  it('is ended before each slice has had all attempts', () => {
    const pace = paceOf(failing(0), undefined);
    expect(hopelessError(failing(1), paceOf(failing(1), pace), 5)).toBeUndefined();
    expect(hopelessError(failing(2), paceOf(failing(2), pace), 5)).toMatchObject({ code: 'unavailable' });
  });

  it('is given time again when something has become durable', () => {
    const pace = paceOf(failing(0), undefined);
    const [first, ...others] = failing(2);
    const moved = [...others, ...(first === undefined ? [] : [{ ...first, slice: { ...first.slice, rows: 1 } }])];
    expect(hopelessError(moved, paceOf(moved, pace), 5)).toBeUndefined();
    const done = [...others, seen(0, 'done')];
    expect(hopelessError(done, paceOf(done, pace), 5)).toBeUndefined();
  });
});

describe('the progress of a run', () => {
  const slices = [
    { collection: 0, unit: 0, slice: 0, name: 'a', points: 10 },
    { collection: 0, unit: 0, slice: 1, name: 'a', points: 10 },
    { collection: 1, unit: 0, slice: 0, name: 'b' },
  ];

  it('adds up slices by collection, with what was done before', () => {
    const now = [seen(1, 'active', { points: 4, bytes: 40 }), seen(2, 'waiting', { points: 3 })];
    expect(progressOf(slices, now, new Map([[0, 10]]))).toEqual([
      { phase: 'read', collection: 'a', done: 14, total: 20, bytes: 40 },
      { phase: 'read', collection: 'b', done: 3, total: undefined, bytes: 0 },
    ]);
  });
});
