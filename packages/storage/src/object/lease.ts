import type { StorageLock } from '../storage.js';
import { StorageError } from '../storage-error.js';
import type { HeldLock } from './held-locks.js';
import { encodeHolder, type LockHolder, parseHolder } from './lock-holder.js';
import type { ObjectContext } from './object-context.js';
import { readAll } from './object-reader.js';

const RELEASE_ROUNDS = 3;

/** A lock that was just taken. */
interface TakenLock {
  readonly key: string;
  readonly place: string;
  readonly holder: LockHolder;
  readonly version: string;
}

/**
 * Renew a lock three times within its lease until it is released. A lock that could not be renewed in time is renewed
 * by the next one who asks for it, and only if nobody took it over; else it is lost for good.
 */
export function keepLease(context: ObjectContext, { key, place, holder, version }: TakenLock): StorageLock {
  const { driver, call, locks } = context;
  let current = version;
  // The clock of the wall, which goes on while the computer sleeps.
  let renewedAt = Date.now();
  let renewals = 0;
  let state: 'held' | 'lost' | 'released' = 'held';
  let busy: Promise<unknown> = Promise.resolve();
  const ended = new AbortController();

  async function renew(): Promise<void> {
    if (state !== 'held') return;
    const begun = Date.now();
    renewals += 1;
    const bytes = encodeHolder(holder, renewals);
    const condition = { replaces: { version: current } };
    const next = await call({ action: 'renew the lock', place, signal: ended.signal }, async (signal) =>
      driver.put(key, bytes, holder.nonce, condition, signal),
    );
    const known = next ?? (await versionIfOurs());
    if (known === undefined) state = 'lost';
    else {
      current = known;
      renewedAt = begun;
    }
  }

  /** Where a condition did not hold: the answer to our own write may have been lost. */
  async function versionIfOurs(): Promise<string | undefined> {
    const found = await readAll(context, key, { action: 'renew the lock', place, signal: ended.signal });
    return found !== undefined && parseHolder(found.bytes)?.nonce === holder.nonce ? found.info.version : undefined;
  }

  async function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = busy.then(step);
    busy = turn.catch(() => undefined);
    return turn;
  }

  const isFresh = () => Date.now() - renewedAt < (holder.leaseMs * 2) / 3;
  const held: HeldLock = {
    key,
    async assertHeld() {
      if (state === 'held' && !isFresh()) await inTurn(async () => (isFresh() ? undefined : renew()));
      if (state === 'lost') throw lost(place);
    },
  };
  // A renewal that failed is tried again by the next one, and by whoever writes.
  const timer = setInterval(() => void inTurn(renew).catch(() => undefined), holder.leaseMs / 3);
  timer.unref();
  locks.add(held);

  return {
    async release() {
      clearInterval(timer);
      ended.abort(new StorageError('io', `${place} was released.`, place));
      await busy;
      locks.remove(held);
      if (state !== 'held') return;
      state = 'released';
      const where = { action: 'unlock', place, signal: undefined };
      // Again, as a renewal that was broken off may have arrived all the same.
      for (let round = 1; round <= RELEASE_ROUNDS; round++) {
        const found = await readAll(context, key, where);
        if (found === undefined || parseHolder(found.bytes)?.nonce !== holder.nonce) return;
        await call(where, async (signal) => driver.delete(key, found.info.version, signal));
      }
    },
  };
}

function lost(place: string): StorageError {
  const text = `${place} was not renewed in time, and another process has taken the lock over.`;
  return new StorageError('locked', `${text} Nothing more is written; start again when that process is done.`, place);
}
