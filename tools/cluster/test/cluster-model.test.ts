import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ClusterRun, predictRun } from '../../../benchmarks/src/cluster/cluster-model.js';

/** 100 parts of 1,000 points, each a second of a worker. */
const RUN: ClusterRun = {
  ...{ points: 100_000, bytesPerPoint: 1000, slices: 20, parts: 100, workers: 1, concurrency: 1 },
  ...{ workerPointsPerSecond: 1000, queueMsPerPart: 0, fixedSeconds: 0 },
};

const anyRun = fc.record({
  points: fc.integer({ min: 1000, max: 10_000_000 }),
  bytesPerPoint: fc.integer({ min: 10, max: 10_000 }),
  slices: fc.integer({ min: 1, max: 64 }),
  partsPerSlice: fc.integer({ min: 1, max: 20 }),
  workers: fc.integer({ min: 1, max: 64 }),
  concurrency: fc.integer({ min: 1, max: 8 }),
  workerPointsPerSecond: fc.integer({ min: 10, max: 100_000 }),
  providerPointsPerSecond: fc.option(fc.integer({ min: 10, max: 100_000 }), { nil: undefined }),
  bucketBytesPerSecond: fc.option(fc.integer({ min: 1000, max: 1e9 }), { nil: undefined }),
  bucketRequestsPerSecond: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  queueMsPerPart: fc.integer({ min: 0, max: 100 }),
  fixedSeconds: fc.integer({ min: 0, max: 10 }),
});

describe('predictRun', () => {
  it('divides the work among workers', () => {
    expect(predictRun(RUN)).toEqual({ seconds: 100, pointsPerSecond: 1000, bound: 'workers' });
    expect(predictRun({ ...RUN, workers: 2 }).seconds).toBe(50);
    expect(predictRun({ ...RUN, workers: 4 }).seconds).toBe(25);
    expect(predictRun({ ...RUN, workers: 4, queueMsPerPart: 40, fixedSeconds: 3 }).seconds).toBeCloseTo(29);
  });

  it('takes places of one worker as shares of what the worker can do', () => {
    expect(predictRun({ ...RUN, workers: 2, concurrency: 2 }).seconds).toBe(50);
  });

  it('is bound by what everybody shares', () => {
    const many = { ...RUN, workers: 20 };
    expect(predictRun({ ...many, providerPointsPerSecond: 4000 })).toMatchObject({ seconds: 25, bound: 'provider' });
    expect(predictRun({ ...many, bucketBytesPerSecond: 2e6 })).toMatchObject({ seconds: 50, bound: 'bucket bytes' });
    expect(predictRun({ ...many, bucketRequestsPerSecond: 10, requestsPerPart: 5 })).toMatchObject({
      seconds: 50,
      bound: 'bucket requests',
    });
  });

  it('has no use for more workers than slices', () => {
    const few = { ...RUN, slices: 4 };
    expect(predictRun({ ...few, workers: 8 })).toMatchObject({ seconds: 25, bound: 'slices' });
  });

  it('waits for the last parts, which not all places have', () => {
    expect(predictRun({ ...RUN, workers: 3 }).seconds).toBe(34);
  });

  it('is never faster than any of its bounds, nor slower with more workers', () => {
    fc.assert(
      fc.property(anyRun, ({ partsPerSlice, ...rest }) => {
        const run: ClusterRun = { ...rest, parts: rest.slices * partsPerSlice };
        const { pointsPerSecond, seconds } = predictRun(run);
        const { providerPointsPerSecond: provider = Number.POSITIVE_INFINITY } = run;
        expect(seconds).toBeGreaterThan(run.fixedSeconds);
        expect(pointsPerSecond).toBeLessThanOrEqual(provider * (1 + 1e-9));
        expect(pointsPerSecond).toBeLessThanOrEqual(run.workers * run.workerPointsPerSecond * (1 + 1e-9));
        if (run.providerPointsPerSecond === undefined && run.bucketBytesPerSecond === undefined) {
          const bound = run.bucketRequestsPerSecond === undefined;
          if (bound)
            expect(predictRun({ ...run, workers: run.workers * 2 }).seconds).toBeLessThanOrEqual(seconds + 1e-9);
        }
      }),
    );
  });
});
