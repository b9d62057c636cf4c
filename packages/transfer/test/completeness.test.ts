import { describe, expect, it } from '@jest/globals';
import { judgeCompleteness } from '../src/completeness.js';

const quiet = { before: 100, after: 100, exported: 100, duplicates: 0 };

describe('judgeCompleteness', () => {
  it('is content when all points came once', () => {
    expect(judgeCompleteness(quiet, true)).toEqual({ warning: undefined });
    expect(judgeCompleteness(quiet, false)).toEqual({ warning: undefined });
  });

  it.each([true, false])('calls a missing point a problem (pinned: %s)', (pinned) => {
    expect(judgeCompleteness({ ...quiet, exported: 99 }, pinned).problem).toBe('1 of 100 points are missing');
  });

  it.each([true, false])('calls a point that came twice a problem, even when the count fits (pinned: %s)', (pinned) => {
    expect(judgeCompleteness({ ...quiet, duplicates: 1 }, pinned).problem).toContain('1 points more than once');
  });

  it('calls a point too many a problem when the source did not change', () => {
    expect(judgeCompleteness({ ...quiet, exported: 101 }, false).problem).toContain(
      '101 points came from a source that has 100',
    );
  });

  it('warns with numbers when the source grew or shrank', () => {
    expect(judgeCompleteness({ ...quiet, after: 120, exported: 110 }, false)).toEqual({
      warning: 'the source changed while it was read: 100 points before, 120 after, 110 exported',
    });
    expect(judgeCompleteness({ ...quiet, after: 90, exported: 95 }, false).problem).toBeUndefined();
    expect(judgeCompleteness({ ...quiet, after: 90, exported: 89 }, false).problem).toBe('1 of 90 points are missing');
  });

  it('expects of a snapshot all points it had at its start, whatever came after', () => {
    expect(judgeCompleteness({ ...quiet, after: 50 }, true).warning).toContain('50 after');
    expect(judgeCompleteness({ ...quiet, after: 50, exported: 99 }, true).problem).toBe('1 of 100 points are missing');
    expect(judgeCompleteness({ ...quiet, after: 120, exported: 110 }, true).problem).toContain('110 points came');
  });

  it('warns when the snapshot moved on with the same number of points', () => {
    expect(judgeCompleteness({ ...quiet, revisionBefore: 'v1', revisionAfter: 'v2' }, true).warning).toContain(
      'from v1 to v2',
    );
  });

  it('has nothing to say of a source that cannot count', () => {
    expect(judgeCompleteness({ exported: 5, duplicates: 0 }, false)).toEqual({ warning: undefined });
  });
});
