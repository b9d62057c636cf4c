import type { HeldLocks } from './held-locks.js';
import type { ObjectDriver } from './object-driver.js';
import type { Caller } from './retry.js';
import type { Slots } from './slots.js';

/** What all parts of one storage share, however deep they are rooted. */
export interface ObjectContext {
  readonly driver: ObjectDriver;
  readonly call: Caller;
  /** For parts that are under way, of all writers together: bounds the memory. */
  readonly slots: Slots;
  readonly locks: HeldLocks;
  /** How long an answer may be without a byte. */
  readonly timeoutMs: number;
}

/** An object as it is shown: its URL. Percent signs, spaces and the like are encoded. */
export function objectUrl(driver: Pick<ObjectDriver, 'url'>, key: string): string {
  return driver.url + key.split('/').map(encodePart).join('/');
}

function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll(/%(?:3D|2B|40|3A|2C|24|26|3B)/gi, decodeURIComponent);
}
