import type { StorageLock, StorageOptions } from '../storage.js';
import { StorageError } from '../storage-error.js';
import { keepLease } from './lease.js';
import { encodeHolder, hasEndedHere, type LockHolder, newHolder, parseHolder } from './lock-holder.js';
import { type ObjectContext, objectUrl } from './object-context.js';
import type { WriteCondition } from './object-driver.js';
import { readAll } from './object-reader.js';

/** How long a lock counts that is not renewed. */
const LEASE_MS = 60_000;

/** How often a lock that changes hands meanwhile is looked at again. */
const MOST_ROUNDS = 10;

/** Take the lock whose object is `key`, and renew it until it is released. */
export async function takeObjectLock(
  context: ObjectContext,
  key: string,
  { signal }: StorageOptions,
): Promise<StorageLock> {
  const place = objectUrl(context.driver, key);
  const holder = await newHolder(LEASE_MS);
  const version = await take(context, key, place, holder, signal);
  return keepLease(context, { key, place, holder, version });
}

/** Put our name there: where there is none, or in the place of one that no longer counts. Gives its version. */
async function take(
  context: ObjectContext,
  key: string,
  place: string,
  me: LockHolder,
  signal: AbortSignal | undefined,
): Promise<string> {
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const found = await readLock(context, key, place, signal);
    // An attempt whose answer was lost was ours.
    if (found?.holder?.nonce === me.nonce) return found.version;
    if (found !== undefined) await refuseLiving(found, place);
    const replaces = found === undefined ? 'absent' : { version: found.version };
    await putHolder(context, key, place, me, { replaces }, signal);
    // Read again, also where it was written: a store that ignores conditions lets two of us write, and one stays.
  }
  throw new StorageError('locked', `${place} changes hands all the time. Try again later.`, place);
}

async function putHolder(
  { driver, call }: ObjectContext,
  key: string,
  place: string,
  me: LockHolder,
  condition: WriteCondition,
  signal: AbortSignal | undefined,
): Promise<void> {
  await call({ action: 'lock', place, signal }, async (given) =>
    driver.put(key, encodeHolder(me, 0), me.nonce, condition, given),
  );
}

interface FoundLock {
  /** `undefined` where it cannot be read. */
  readonly holder: LockHolder | undefined;
  readonly version: string;
  /** How long ago it was last renewed, by the clock of the store. */
  readonly ageMs: number;
}

async function readLock(
  context: ObjectContext,
  key: string,
  place: string,
  signal: AbortSignal | undefined,
): Promise<FoundLock | undefined> {
  const found = await readAll(context, key, { action: 'lock', place, signal });
  if (found === undefined) return undefined;
  const { info, bytes } = found;
  const ageMs = (info.answeredAt ?? Date.now()) - info.modifiedAt;
  return { holder: parseHolder(bytes), version: info.version, ageMs };
}

async function refuseLiving({ holder, ageMs }: FoundLock, place: string): Promise<void> {
  if (holder === undefined) {
    const advice = 'If nobody is working there, remove the object.';
    throw new StorageError('locked', `${place} is locked, and the lock does not say by whom. ${advice}`, place);
  }
  const leftMs = holder.leaseMs - ageMs;
  if (leftMs < 0 || (await hasEndedHere(holder))) return;
  const who = `process ${holder.pid} on ${holder.host} since ${holder.since}`;
  const advice = `Wait until it is done; if it is gone, its lock ends by itself in ${Math.ceil(leftMs / 1000)} s.`;
  throw new StorageError('locked', `${place} is locked by ${who}. ${advice}`, place);
}
