import { randomBytes } from 'node:crypto';
import { mayBeAlive, ownIdentity, type ProcessIdentity } from '../process-identity.js';

/** What stands in the object of a lock, as JSON. */
export interface LockHolder extends ProcessIdentity {
  /** When it was taken, ISO 8601, by the clock of the holder. For people; nothing is decided by it. */
  readonly since: string;
  /** 32 hex digits, so that no two locks ever taken are the same. */
  readonly nonce: string;
  /** How long it counts after its last change, in milliseconds. */
  readonly leaseMs: number;
}

/** This process, as the holder of a new lock. */
export async function newHolder(leaseMs: number): Promise<LockHolder> {
  const since = new Date().toISOString();
  return { ...(await ownIdentity()), since, nonce: randomBytes(16).toString('hex'), leaseMs };
}

/** The bytes of a lock's object. Each renewal has other bytes, so that its version changes. */
export function encodeHolder(holder: LockHolder, renewal: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ ...holder, renewal })}\n`);
}

/** `undefined` for anything that {@link encodeHolder} did not write. */
export function parseHolder(bytes: Uint8Array): LockHolder | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const { pid, host, started, since, nonce, leaseMs } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (!isPositive(pid) || !isPositive(leaseMs)) return undefined;
    if (typeof host !== 'string' || typeof started !== 'string' || typeof since !== 'string') return undefined;
    if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) return undefined;
    return { pid, host, started, since, nonce, leaseMs };
  } catch {
    return undefined;
  }
}

/**
 * Whether the holder is a process of this very computer, since it was last switched on, and has ended. Two computers
 * that share a bucket may have the same name, so the name alone says nothing: the boot's number has to fit too.
 */
export async function hasEndedHere(holder: LockHolder): Promise<boolean> {
  const me = await ownIdentity();
  const sameBoot = me.started.includes('.') && bootOf(me) === bootOf(holder);
  return sameBoot && me.host === holder.host && !(await mayBeAlive(holder));
}

function bootOf({ started }: ProcessIdentity): string {
  return started.split('.')[0] ?? '';
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
