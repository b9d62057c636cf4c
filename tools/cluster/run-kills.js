// @ts-check
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { localStorage } from '@vecport/storage';
import { inFolder } from './bench.js';
import { partFiles, problemsOf, readOutcome } from './outcome.js';
import { startOwnServer } from './own-server.js';
import { runVecport, startVecport } from './start-vecport.js';
import { startWorkers } from './workers.js';

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./workers.js').Workers} Workers */

/**
 * What keeps the queue, and what becomes of that in the middle of the run.
 * @typedef {object} KillCell
 * @property {'Redis' | 'PostgreSQL'} queue
 * @property {'kept' | 'empty'} restart killed with -9 and started again, with its data or without any
 */

/**
 * How a run went.
 * @typedef {object} KillRun
 * @property {KillCell} cell
 * @property {number} kills of workers, each between the first and the last part
 * @property {number} partsAtRestart that were committed when the queue was killed
 * @property {number} parts
 * @property {number} points
 * @property {number} duplicates
 * @property {number} seconds
 * @property {number} queueMs what going from one turn to the next cost on average, as the cluster tells
 * @property {readonly string[]} problems
 */

/** In turn, the two of a short form first. */
export const KILL_CELLS = /** @type {readonly KillCell[]} */ ([
  { queue: 'Redis', restart: 'empty' },
  { queue: 'PostgreSQL', restart: 'kept' },
  { queue: 'Redis', restart: 'kept' },
  { queue: 'Redis', restart: 'empty' },
  { queue: 'Redis', restart: 'kept' },
]);

const WORKERS = 4;
/** Points a second of all workers, so that the run is long enough for kills. */
const RATE = 6000;
const LOOK_MS = 100;
const MOST_MS = 300_000;
/** Between two kills, and as long as the queue is away. */
const KILL_EVERY_MS = [2000, 5000];
const AWAY_MS = [500, 2500];

/**
 * Export with four workers, one of which is killed every few seconds, and with a queue that is killed once.
 * @param {Bench} bench
 * @param {KillCell} cell
 * @param {() => number} random
 * @returns {Promise<KillRun>}
 */
export async function runKills(bench, cell, random) {
  const queue = await startOwnServer(cell.queue === 'Redis' ? 'redis' : 'pgvector');
  const workers = startWorkers({ cluster: queue.url, count: WORKERS });
  try {
    await workers.ready();
    return await inFolder(bench, async (folder) => {
      const out = join(folder, 'out');
      const begun = performance.now();
      const chaos = await exportInChaos({ bench, cell, random, queue, workers, out });
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const outcome = await readOutcome(localStorage(out));
      const problems = [...problemsOf(outcome, bench.expected), ...(await verifyProblems(out, bench.source))];
      const { points, duplicates, parts } = outcome;
      return { cell, ...chaos, parts, points, duplicates, seconds, problems, queueMs: await queueCost(queue.url) };
    });
  } finally {
    await workers.stop();
    await queue.close();
  }
}

/**
 * @param {{ bench: Bench, cell: KillCell, random: () => number, out: string, workers: Workers,
 *   queue: import('./own-server.js').OwnServer }} parts
 */
async function exportInChaos({ bench, cell, random, queue, workers, out }) {
  const work = ['--part-rows', String(bench.partRows), '--rate-limit', `${RATE}/s`];
  const child = startVecport(['export', '--from', bench.source, '--to', out, ...work, '--cluster', queue.url]);
  let ended = false;
  const exit = child.exit.finally(() => {
    ended = true;
  });
  const between = (/** @type {readonly number[]} */ [least = 0, most = 0]) => least + random() * (most - least);
  const all = bench.expected.parts;
  const restartAt = Math.floor(all * (0.2 + random() * 0.5));
  const end = performance.now() + MOST_MS;
  let [kills, partsAtRestart, nextKill] = [0, 0, 0];
  while (!ended) {
    if (performance.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`The export did not end within ${MOST_MS / 1000} s:\n${child.stderr()}\n${workers.said()}`);
    }
    await delay(LOOK_MS);
    const parts = await partsIn(out);
    if (parts === 0 || parts >= all) continue;
    if (nextKill === 0) nextKill = performance.now() + between(KILL_EVERY_MS);
    if (performance.now() >= nextKill) {
      await workers.replace(Math.floor(random() * WORKERS));
      kills++;
      nextKill = performance.now() + between(KILL_EVERY_MS);
    }
    if (partsAtRestart === 0 && parts >= restartAt) {
      partsAtRestart = parts;
      await queue.kill();
      await delay(between(AWAY_MS));
      await queue.restart({ empty: cell.restart === 'empty' });
    }
  }
  const { code, stdout, stderr } = await exit;
  if (code !== 0) throw new Error(`The export ended with ${code}:\n${stdout}${stderr}\n${workers.said()}`);
  return { kills, partsAtRestart };
}

/** @param {string} out */
async function partsIn(out) {
  return partFiles(localStorage(out)).then(
    ({ size }) => size,
    () => 0,
  );
}

/** @param {string} out @param {string} source */
async function verifyProblems(out, source) {
  try {
    await runVecport(['verify', out, '--against', source]);
    return [];
  } catch (error) {
    return [`vecport verify: ${/** @type {Error} */ (error).message}`];
  }
}

/** What the newest run paid for each turn. @param {string} cluster */
async function queueCost(cluster) {
  const status = await runVecport(['cluster', 'status', '--cluster', cluster]);
  const [run] = /** @type {{ queueMs: number }[]} */ (status['runs'] ?? []);
  return run?.queueMs ?? 0;
}
