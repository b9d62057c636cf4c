import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode } from './fs-error.js';

/** Names one run of one process, so that another process can tell whether it still lives. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /**
   * Boot and time of start, so that a process which got the same pid later is told apart; `0` where
   * the system does not say (not Linux), and then the pid alone decides.
   */
  readonly started: string;
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: hostname(), started: (await startToken(process.pid)) ?? UNKNOWN };
}

/**
 * Whether a process may still be running. Processes of other hosts always may: there is no way to
 * ask. It follows that machines and containers that share a folder need host names of their own.
 */
export async function mayBeAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.host !== hostname()) return true;
  if (!pidExists(identity.pid)) return false;
  const token = await startToken(identity.pid);
  if (token === GONE) return false;
  return token === undefined || identity.started === UNKNOWN || token === identity.started;
}

const UNKNOWN = '0';
const GONE = 'gone';

/** Field 22 of `/proc/<pid>/stat` (start, in clock ticks since boot) with the boot's id; see proc(5). */
async function startToken(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // The second field is the program's name in parentheses, which may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie was killed and only waits for its parent to ask how it ended.
    if (fields[0] === 'Z' || fields[0] === 'X') return GONE;
    return `${boot.slice(0, 8)}.${fields[19]}`;
  } catch {
    return undefined;
  }
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
