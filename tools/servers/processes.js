// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** In the environment of every process of a run, with the run's data folder as the value. */
export const MARK = 'VECPORT_SERVER_DATA';

const PATIENCE_MS = 10_000;

/** A process as the state file names it: a pid alone would fit another process after the first has ended.
 * @typedef {{ pid: number, startTime: string }} ProcessIdentity */

/**
 * When a process was started, as text that only serves to be compared; `undefined` when there is no such process.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTime(pid) {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything; what follows it is state, parent, … and the start as the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${bootId()}/${fields[19]}`;
}

/** @param {ProcessIdentity} identity */
export function isAlive(identity) {
  return startTime(identity.pid) === identity.startTime;
}

/**
 * Ends a process group, and whatever else carries the mark of its run: first by asking, after some seconds with KILL.
 * @param {ProcessIdentity | undefined} leader `undefined` when only the mark is known
 * @param {string} data the run's data folder
 * @param {NodeJS.Signals} signal how the leader is asked
 */
export async function stopRun(leader, data, signal) {
  if (leader !== undefined && isAlive(leader)) send(-leader.pid, signal);
  const end = performance.now() + PATIENCE_MS;
  for (let asked = false; ; ) {
    const leads = leader !== undefined && isAlive(leader);
    const left = processesOf(data);
    if (left.length === 0 && !leads) return;
    // Those that the leader did not take with it.
    if (!leads && !asked) for (const pid of left) send(pid, 'SIGTERM');
    asked = !leads;
    const late = performance.now() - end;
    if (late > PATIENCE_MS) throw new Error(`Processes ${left.join(', ')} do not end.`);
    if (late > 0) {
      if (leads) send(-leader.pid, 'SIGKILL');
      for (const pid of left) send(pid, 'SIGKILL');
    }
    await delay(50);
  }
}

/**
 * The processes that carry the mark of a run.
 * @param {string} data
 */
function processesOf(data) {
  const entry = `${MARK}=${data}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => `\0${readProc(`${name}/environ`) ?? ''}`.includes(`\0${entry}`))
    .map(Number)
    .filter((pid) => startTime(pid) !== undefined);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

function bootId() {
  return readProc('sys/kernel/random/boot_id')?.trim() ?? '';
}

/** @param {string} path */
function readProc(path) {
  try {
    return readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return undefined;
  }
}
