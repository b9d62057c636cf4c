import { describe, expect, it } from '@jest/globals';
import { problemsOf } from '../outcome.js';
import { withResults } from '../page.js';
import type { Results } from '../results.js';

const OUTCOME = { points: 10, duplicates: 0, parts: 2, doubleParts: 0, content: 'a', files: 'b' };
const KILL = { kills: 7, partsAtRestart: 33, parts: 128, points: 100_000, duplicates: 0, seconds: 30, queueMs: 9 };

function results(problems: readonly string[]): Results {
  const cell = { queue: 'Redis', restart: 'empty' } as const;
  const runs = [{ ...KILL, cell, problems }];
  return { kills: { date: '2026-01-01', command: 'npm run test:cluster', points: 100_000, runs } };
}

const PAGE = `# A page

<!-- Written by \`npm run test:cluster -- --keep\`, down to the end mark: -->

old

<!-- End of what is written by npm run test:cluster. -->

The rest.
`;

describe('problemsOf', () => {
  it('finds nothing wrong with the same', () => {
    expect(problemsOf(OUTCOME, OUTCOME)).toEqual([]);
  });

  it('names everything that differs', () => {
    const found = { points: 12, duplicates: 2, parts: 3, doubleParts: 1, content: 'c', files: 'd' };
    expect(problemsOf(found, OUTCOME)).toEqual([
      '12 points instead of 10',
      '2 duplicate ids',
      '1 parts too many',
      'another digest',
      'other files',
    ]);
  });
});

describe('withResults', () => {
  it('replaces what is between the marks and nothing else', () => {
    const page = withResults(PAGE, results([]));
    expect(page).toMatch(/^# A page\n/);
    expect(page).toMatch(/\nThe rest\.\n$/);
    expect(page).not.toContain('old');
    expect(page).toContain('| 1 | Redis | empty | 33 of 128 | 7 | 0 | 30.0 | equal |');
    expect(page).toContain('0 of the runs ended');
    expect(withResults(page, results([]))).toBe(page);
  });

  it('shows what went wrong', () => {
    const page = withResults(PAGE, results(['2 duplicate ids', 'vecport verify: it said\nmany lines']));
    expect(page).toContain('| 2 duplicate ids, vecport verify: it said |');
    expect(page).toContain('1 of the runs ended');
  });

  it('refuses a page without the marks', () => {
    expect(() => withResults('# A page', results([]))).toThrow('no section');
  });
});
