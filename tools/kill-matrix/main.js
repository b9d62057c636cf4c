// @ts-check
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mulberry32 } from '@vecport/testkit';
import { prepareBench } from './bench.js';
import { killAndResume, runThrough } from './kill-run.js';
import { KINDS } from './kinds.js';
import { allCells, cellName, problemsOf } from './matrix.js';
import { cellTable, resumePage } from './resume-page.js';

/*
 * `npm run kill-matrix -- [--runs 120] [--seed 1] [--points 200000] [--log FILE] [--keep]`: transfers are killed at
 * random moments and resumed with another number of workers, every cell of the matrix in turn until there are as many
 * runs as asked for. Needs the server s3 (`npm run servers -- up s3`). Ends with 1 when one run does not end as an uninterrupted one. Runs that are in the log are not done
 * again, new ones are added to it. With --keep docs/resume.md is written.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    points: { type: 'string', default: '200000' },
    log: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const runCount = wholeNumber('runs');
const seed = wholeNumber('seed');
const points = wholeNumber('points');

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'vecport-kill-matrix-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** @typedef {import('./kill-run.js').Run & { readonly problems: readonly string[] }} JudgedRun */

async function main() {
  const runs = await loggedRuns();
  if (runs.length < runCount) await addRuns(runs);
  console.log(cellTable(runs));
  if (runs.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
  if (!values.keep) return;
  const asRun = `npm run kill-matrix -- --runs ${runCount} --seed ${seed} --points ${points} --keep`;
  const date = new Date().toISOString().slice(0, 10);
  await writeFile(join(root, 'docs/resume.md'), resumePage({ command: asRun, date, seed, points, runs }));
}

/** @param {JudgedRun[]} runs gets the runs that are missing */
async function addRuns(runs) {
  const command = [join(root, 'packages/cli/dist/main.js')];
  const bench = await prepareBench({ folder, command, points, partRows: Math.ceil(points / 200) });
  const expected = await uninterrupted(bench);
  const cells = allCells();
  for (let at = runs.length; at < runCount; at++) {
    const cell = cells[at % cells.length] ?? cells[0];
    if (cell === undefined) throw new Error('The matrix is empty.');
    // A random sequence of its own: a run does not depend on how many were in the log.
    const run = await killAndResume(bench, cell, mulberry32(seed + at * 7919), expected[cell.kind]);
    const problems = problemsOf(run.outcome, expected[cell.kind] ?? run.outcome);
    runs.push({ ...run, problems });
    if (values.log !== undefined) await appendFile(values.log, `${JSON.stringify(runs.at(-1))}\n`);
    const kills = run.kills.map((kill) => `${kill.parts} parts, ${kill.points} points`).join('; ');
    const outcome = problems.length === 0 ? 'equal' : problems.join(', ');
    console.log(`${at + 1} of ${runCount}: ${cellName(cell)}: killed after ${kills}: ${outcome}`);
  }
}

/** @returns {Promise<JudgedRun[]>} */
async function loggedRuns() {
  if (values.log === undefined || !existsSync(values.log)) return [];
  const lines = (await readFile(values.log, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/**
 * The outcome of each kind without a kill. They hold the same points, so they all have the same digest.
 * @param {import('./bench.js').Bench} bench
 */
async function uninterrupted(bench) {
  /** @type {Record<string, import('./kill-run.js').Outcome>} */
  const outcomes = {};
  for (const kind of Object.keys(KINDS)) {
    const outcome = await runThrough(bench, kind);
    const [first = outcome] = Object.values(outcomes);
    const problems = problemsOf({ ...outcome, files: first.files }, first);
    if (outcome.points !== bench.points || problems.length > 0) {
      throw new Error(`${kind} is wrong without a kill: ${outcome.points} points, ${problems.join(', ')}`);
    }
    outcomes[kind] = outcome;
    console.log(`uninterrupted: ${kind}: ${outcome.points} points, digest ${outcome.content}`);
  }
  return outcomes;
}

/** @param {'runs' | 'seed' | 'points'} name */
function wholeNumber(name) {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`kill-matrix: --${name} must be a whole number from 1, not '${values[name]}'.`);
  process.exit(2);
}
