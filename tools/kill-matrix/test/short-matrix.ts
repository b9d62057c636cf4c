import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { mulberry32, removeTempFolders, tempFolder } from '@vecport/testkit';
import { type Bench, prepareBench } from '../bench.js';
import { type Cell, killAndResume, type Outcome, runThrough } from '../kill-run.js';

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

/** The short version of the matrix: kinds of work once each, by the program's source. `npm run kill-matrix` has all of it. */
export function describeKinds(kinds: readonly string[]): void {
  const cells = kinds.map((kind, at): Cell => {
    const [workers, resumedWith] = WORKERS[at % WORKERS.length] ?? [1, 2];
    return { kind, workers, resumedWith };
  });
  let bench: Bench;
  let imported: Outcome;

  beforeAll(async () => {
    bench = await prepareBench({ folder: await tempFolder(), command: COMMAND, points: POINTS, partRows: 500 });
    const dataset = await openDataset(localStorage(bench.dataset));
    const { content, count } = dataset.collection().digest;
    imported = { points: count, duplicates: 0, missing: 0, content, files: undefined };
  }, 60_000);

  afterAll(removeTempFolders);

  describe('work that is killed between its first and its last commit, and resumed', () => {
    it.each(cells)(
      'ends as if it had not been: $kind, $workers → $resumedWith workers',
      async (cell) => {
        const expected = /import|migration/.test(cell.kind) ? imported : await runThrough(bench, cell.kind);
        const { kills, outcome } = await killAndResume(bench, cell, random);
        expect(kills.length).toBeGreaterThan(0);
        for (const { points } of kills) {
          expect(points).toBeGreaterThan(0);
          expect(points).toBeLessThan(POINTS);
        }
        expect(outcome).toEqual(expected);
      },
      90_000,
    );
  });
}
