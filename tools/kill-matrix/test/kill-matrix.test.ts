import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { mulberry32, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type Bench, prepareBench } from '../bench.js';
import { type Cell, killAndResume, type Outcome, runThrough } from '../kill-run.js';
import { KINDS } from '../kinds.js';
import { allCells, problemsOf } from '../matrix.js';
import { resumePage } from '../resume-page.js';

/*
 * The short version of the matrix: every kind of work once, by the program's source. `npm run kill-matrix` has all of it.
 */
const CLI = fileURLToPath(new URL('../../../packages/cli/', import.meta.url));
const COMMAND = [
  '--conditions=@vecport/source',
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(CLI, 'test/support/load-source.ts'),
  join(CLI, 'src/main.ts'),
];
const POINTS = 40_000;
const WORKERS = [
  [8, 1],
  [8, 2],
  [2, 1],
  [1, 8],
] as const;
/** Another one at each run of the test. */
const random = mulberry32(Date.now());

const CELLS = Object.keys(KINDS).map((kind, at): Cell => {
  const [workers, resumedWith] = WORKERS[at % WORKERS.length] ?? [1, 2];
  return { kind, workers, resumedWith };
});

let bench: Bench;
let uninterrupted: Outcome;

beforeAll(async () => {
  bench = await prepareBench({ folder: await tempFolder(), command: COMMAND, points: POINTS, partRows: 500 });
  const dataset = await openDataset(localStorage(bench.dataset));
  const { content, count } = dataset.collection().digest;
  uninterrupted = { points: count, duplicates: 0, missing: 0, content, files: undefined };
}, 60_000);

afterAll(removeTempFolders);

describe('work that is killed between its first and its last commit, and resumed', () => {
  it.each(CELLS)(
    'ends as if it had not been: $kind, $workers → $resumedWith workers',
    async (cell) => {
      const expected = cell.kind.startsWith('export') ? await runThrough(bench, cell.kind) : uninterrupted;
      const { kills, outcome } = await killAndResume(bench, cell, random);
      expect(kills.length).toBeGreaterThan(0);
      for (const { points } of kills) {
        expect(points).toBeGreaterThan(0);
        expect(points).toBeLessThan(POINTS);
      }
      expect(outcome).toEqual(expected);
    },
    60_000,
  );
});

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
