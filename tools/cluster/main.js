// @ts-check

import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mulberry32 } from '@vecport/testkit';
import { lanceBench, qdrantBench } from './bench.js';
import { endOnSignals, rememberToEnd } from './leftovers.js';
import { goneTable, killTable, networkTable, withResults } from './page.js';
import { readResults, writeResults } from './results.js';
import { GONE, runGone } from './run-gone.js';
import { KILL_CELLS, runKills } from './run-kills.js';
import { runNetwork } from './run-network.js';

/*
 * `npm run test:cluster -- [kills] [network] [gone] [--runs N] [--points N] [--seed N] [--log FILE] [--keep]`: exports by
 * clusters of real processes, whose workers and queues are killed (kills: two runs, or as many as asked for), whose
 * links are cut (network), and that lose a place for good (gone). Without names it does the first two. Everything must
 * end as an export by one process; if not, the exit code is 1. It starts servers of its own, as `npm run servers` installs
 * them. Runs of `kills` that are in the log are not done again. With --keep the results go to docs/cluster.md.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '2' },
    points: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const SCENARIOS = ['kills', 'network', 'gone'];
const PART_ROWS = 1000;
/** Of the scenarios over the network: many parts for slow links, and few slices, each of which has to fail. */
const FAR = { points: 15_000, partRows: 250 };
const FEW = { points: 12_000, partRows: 600 };
const CUT_MS = 20_000;

const unknown = positionals.filter((name) => !SCENARIOS.includes(name));
if (unknown.length > 0) fail(`There is no scenario ${unknown.join(', ')}, but: ${SCENARIOS.join(', ')}.`);
const chosen = positionals.length > 0 ? positionals : ['kills', 'network'];
const [runCount, points, seed] = [wholeNumber('runs'), wholeNumber('points'), wholeNumber('seed')];
const date = new Date().toISOString().slice(0, 10);
const results = readResults();
endOnSignals();
const folder = await mkdtemp(join(tmpdir(), 'vecport-cluster-'));
const removeFolder = async () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
rememberToEnd(removeFolder);
let bad = 0;
try {
  if (chosen.includes('kills')) await kills();
  if (chosen.includes('network')) await network();
  if (chosen.includes('gone')) await gone();
} finally {
  await removeFolder();
}
if (values.keep) {
  writeResults(results);
  const page = join(import.meta.dirname, '../../docs/cluster.md');
  await writeFile(page, withResults(await readFile(page, 'utf8'), results));
}
console.log(bad === 0 ? 'All runs ended as one process does it.' : `${bad} runs ended otherwise.`);
process.exit(bad === 0 ? 0 : 1);

async function kills() {
  const runs = await loggedRuns();
  if (runs.length < runCount) {
    const bench = await lanceBench(folder, { points, partRows: PART_ROWS });
    for (let at = runs.length; at < runCount; at++) {
      const cell = KILL_CELLS[at % KILL_CELLS.length] ?? KILL_CELLS[0];
      if (cell === undefined) throw new Error('There are no cells.');
      // A random sequence of its own: a run does not depend on how many were in the log.
      const run = judged(await runKills(bench, cell, mulberry32(seed + at * 7919)));
      runs.push(run);
      if (values.log !== undefined) await appendFile(values.log, `${JSON.stringify(run)}\n`);
    }
  }
  console.log(killTable(runs));
  const command = `npm run test:cluster -- kills --runs ${runCount} --points ${points} --seed ${seed} --keep`;
  results.kills = { date, command, points, runs };
}

async function network() {
  const runs = await withQdrant(FAR, async (bench) => [judged(await runNetwork(bench, { cutMs: CUT_MS }))]);
  console.log(networkTable(runs));
  results.network = { date, command: 'npm run test:cluster -- network --keep', points: FAR.points, runs };
}

async function gone() {
  const runs = await withQdrant(FEW, async (bench) => {
    const each = [];
    for (const place of GONE) each.push(judged(await runGone(bench, place)));
    return each;
  });
  console.log(goneTable(runs));
  results.gone = { date, command: 'npm run test:cluster -- gone --keep', points: FEW.points, runs };
}

/**
 * @template T
 * @param {typeof FAR} size
 * @param {(bench: import('./bench.js').QdrantBench) => Promise<T>} use
 */
async function withQdrant(size, use) {
  const bench = await qdrantBench(folder, size);
  try {
    return await use(bench);
  } finally {
    await bench.close();
  }
}

/** @template {{ readonly problems: readonly string[] }} Run @param {Run} run */
function judged(run) {
  if (run.problems.length > 0) bad++;
  console.log(JSON.stringify(run));
  return run;
}

/** @returns {Promise<import('./run-kills.js').KillRun[]>} */
async function loggedRuns() {
  if (values.log === undefined || !existsSync(values.log)) return [];
  const lines = (await readFile(values.log, 'utf8')).split('\n').filter(Boolean);
  const runs = lines.slice(0, runCount).map((line) => JSON.parse(line));
  bad += runs.filter(({ problems }) => problems.length > 0).length;
  return runs;
}

/** @param {'runs' | 'points' | 'seed'} name */
function wholeNumber(name) {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  return fail(`--${name} must be a whole number from 1, not '${values[name]}'.`);
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`test:cluster: ${message}`);
  process.exit(2);
}
