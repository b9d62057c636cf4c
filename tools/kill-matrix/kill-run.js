// @ts-check
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDigest } from '@vecport/dataset';
import { idOf } from './bench.js';
import { createCommittedReader, readCommitted } from './committed.js';
import { KINDS } from './kinds.js';
import { startVecport } from './start-vecport.js';

/** @typedef {import('./bench.js').Bench} Bench */
/** @typedef {import('./committed.js').Committed} Committed */
/** @typedef {import('./kinds.js').Work} Work */

/**
 * What a run is to do: begin with so many workers, be killed, go on with so many others.
 * @typedef {object} Cell
 * @property {string} kind
 * @property {number} workers
 * @property {number} resumedWith
 */

/**
 * What is at the target in the end.
 * @typedef {object} Outcome
 * @property {number} points
 * @property {number} duplicates ids that are there more than once, each time more than once counted
 * @property {number} missing ids that are not there
 * @property {string} content the digest of all ids, vectors and metadata
 * @property {string | undefined} files the hash of all files, where there are files
 */

/**
 * @typedef {object} Run
 * @property {Cell} cell
 * @property {readonly Committed[]} kills what was committed when it was killed, kill by kill
 * @property {number} tooLate attempts that had nothing left to commit, or nothing committed, when they were killed: thrown away
 * @property {Outcome} outcome
 */

const POLL_MS = 2;
/** Beyond a commit, a kill comes after a random part of this: in the middle of a write or between two. */
const LATER_MS = 150;
const MOST_ATTEMPTS = 20;
/** So many of the runs that are resumed are killed once more. */
const KILLED_AGAIN = 0.3;

/**
 * Begin, kill at a random moment between the first and the last commit, resume; and look at what is there then.
 * @param {Bench} bench
 * @param {Cell} cell
 * @param {() => number} random
 * @param {Outcome} [expected] of an uninterrupted run of this kind
 * @returns {Promise<Run>}
 */
export async function killAndResume(bench, cell, random, expected) {
  for (let tooLate = 0; tooLate < MOST_ATTEMPTS; tooLate++) {
    // Work that is over sooner than its kill is killed sooner the next time.
    const sooner = () => random() / (tooLate + 1);
    const run = await inFolder(bench, async (folder) => tryRun(bench, cell, sooner, folder, expected));
    if (run !== undefined) return { cell, tooLate, ...run };
  }
  throw new Error(`${cell.kind} could not be killed between its commits in ${MOST_ATTEMPTS} attempts.`);
}

/**
 * The same work without a kill.
 * @param {Bench} bench
 * @param {string} kind
 * @returns {Promise<Outcome>}
 */
export async function runThrough(bench, kind) {
  return inFolder(bench, async (folder) =>
    withWork(bench, kind, folder, async (work) => {
      await runToEnd(bench, work, [...work.args, '--parallel', '2']);
      return outcomeOf(work, bench.points);
    }),
  );
}

/**
 * @param {Bench} bench
 * @param {Cell} cell
 * @param {() => number} random
 * @param {string} folder
 * @param {Outcome} [expected]
 */
async function tryRun(bench, { kind, workers, resumedWith }, random, folder, expected) {
  return withWork(bench, kind, folder, async (work) => {
    const resume = [...work.args, '--parallel', String(resumedWith), '--resume'];
    const { committed: first } = await killBetween(
      bench,
      work,
      [...work.args, '--parallel', String(workers)],
      0,
      random,
    );
    if (first === undefined) return undefined;
    const kills = [first];
    // A resumed run that is faster than its kill is complete, which is as good.
    const again = random() < KILLED_AGAIN ? await killBetween(bench, work, resume, first.points, random) : undefined;
    if (again?.committed !== undefined) kills.push(again.committed);
    if (again?.ended !== true) await resumeToEnd(bench, work, resume);
    return { kills, outcome: await outcomeOf(work, bench.points, expected) };
  });
}

/**
 * Kill a run when it has committed a random share of the points that were left; a random moment after that, so that
 * the kill falls anywhere in the work on a part.
 * @param {Bench} bench
 * @param {Work} work
 * @param {readonly string[]} args
 * @param {number} before points that were committed before
 * @param {() => number} random
 * @returns {Promise<{ readonly ended: boolean, readonly committed?: Committed }>} `ended`: it was done before it was
 * killed, or nothing is left of what it remembers; `committed` when the kill was between the first and the last commit
 */
async function killBetween({ command, points }, { state, env }, args, before, random) {
  const enough = Math.max(1, before + Math.floor((points - before) * random()));
  const read = createCommittedReader(...state);
  const child = startVecport(command, args, env);
  let ended = false;
  const exit = child.exit.finally(() => {
    ended = true;
  });
  while (!ended && (await read()).points < enough) await delay(POLL_MS);
  await delay(random() * LATER_MS);
  child.kill('SIGKILL');
  const { signal, code, stderr } = await exit;
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`Ended with ${code} before it was killed:\n${stderr}`);
  const committed = await readCommitted(...state);
  if (signal !== 'SIGKILL' || committed.points === 0) return { ended: true };
  return committed.first && committed.points < points ? { ended: false, committed } : { ended: false };
}

/**
 * @param {Bench} bench
 * @param {Work} work
 * @param {readonly string[]} resume
 */
async function resumeToEnd(bench, work, resume) {
  const { resumed } = await runToEnd(bench, work, resume);
  if (resumed === true || resumed === 'yes' || resumed === 'complete') return;
  throw new Error(`It began again instead of going on: ${resume.join(' ')}`);
}

/**
 * @param {Bench} bench
 * @param {Work} work
 * @param {readonly string[]} args
 * @returns {Promise<{ readonly resumed: boolean | string }>}
 */
async function runToEnd({ command }, { env }, args) {
  const { code, stdout, stderr } = await startVecport(command, [...args, '--json'], env).exit;
  if (code !== 0) throw new Error(`vecport ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/**
 * What is at the target. Files that are those of `expected`, byte by byte, hold what those hold: they are not read again.
 * @param {Work} work
 * @param {number} points
 * @param {Outcome} [expected]
 * @returns {Promise<Outcome>}
 */
async function outcomeOf({ read, files }, points, expected) {
  const hash = await files?.();
  if (hash !== undefined && hash === expected?.files) return expected;
  const digest = createDigest();
  const ids = new Set();
  let rows = 0;
  for await (const batch of read()) {
    digest.add(batch);
    rows += batch.ids.length;
    for (const id of batch.ids) ids.add(id);
  }
  const missing = Array.from({ length: points }, (_, n) => n).filter((n) => !ids.has(idOf(n))).length;
  const { content } = digest.value();
  return { points: rows, duplicates: rows - ids.size, missing, content, files: hash };
}

/**
 * @template T
 * @param {Bench} bench
 * @param {string} kind
 * @param {string} folder
 * @param {(work: Work) => Promise<T>} use
 */
async function withWork(bench, kind, folder, use) {
  const begin = KINDS[kind];
  if (begin === undefined) throw new Error(`There is no kind '${kind}'.`);
  const work = await begin(bench, folder);
  try {
    return await use(work);
  } finally {
    await work.end();
  }
}

let folders = 0;

/**
 * @template T
 * @param {Bench} bench
 * @param {(folder: string) => Promise<T>} use
 */
async function inFolder(bench, use) {
  const folder = join(bench.folder, `run-${++folders}`);
  await mkdir(folder);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
