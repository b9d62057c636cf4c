import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../kill-run.js';
import { KINDS, SERVER_KINDS } from '../kinds.js';
import { allCells, problemsOf } from '../matrix.js';
import { resumePage } from '../resume-page.js';
import { describeKinds } from './short-matrix.js';

describeKinds(Object.keys(KINDS).filter((kind) => !SERVER_KINDS.includes(kind)));

describe('the matrix', () => {
  it('has every kind with every number of workers and every other number on resume', () => {
    expect(allCells()).toHaveLength(Object.keys(KINDS).length * 6);
    for (const { workers, resumedWith } of allCells()) expect(workers).not.toBe(resumedWith);
  });

  it('names what is wrong with an outcome', () => {
    const right: Outcome = { points: 10, duplicates: 0, missing: 0, content: 'a', files: undefined };
    expect(problemsOf(right, right)).toEqual([]);
    expect(problemsOf({ points: 11, duplicates: 2, missing: 1, content: 'b', files: undefined }, right)).toEqual([
      '11 points instead of 10',
      '2 duplicates',
      '1 ids missing',
      'another digest',
    ]);
  });

  it('is shown with the numbers of its runs', () => {
    const [cell] = allCells();
    if (cell === undefined) throw new Error('The matrix is empty.');
    const outcome: Outcome = { points: 10, duplicates: 0, missing: 0, content: 'a', files: undefined };
    const run = { cell, kills: [{ parts: 2, points: 4, first: true }], tooLate: 1, outcome, problems: [] };
    const page = resumePage({ command: 'x', date: '2000-01-01', seed: 1, points: 10, runs: [run] });
    expect(page).toContain('1 runs with 1 kills on 10 points, 0 of them');
    expect(page).toContain('| export to Parquet files | 1 → 2 | 1 | 1 | 4 – 4 | 0 | 0 | 1 of 1 |');
    expect(page).toContain('| 1 | export to Parquet files | 1 → 2 | 2 parts, 40.0 % | equal |');
  });
});
