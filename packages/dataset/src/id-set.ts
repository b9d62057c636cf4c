import { hashText, type TextHash } from './text-hash.js';

/** A set of identifiers that keeps 64 bits of each. */
export interface IdSet {
  /**
   * Put an id in. False when it was there, or, rarely, when another id with the same 64 bits was:
   * among n ids that happens with a probability of about n² / 2^65 (1 in 37,000 for 30 million ids).
   * So `true` proves that the id is new, and `false` is to be confirmed by comparing texts.
   */
  add(id: string): boolean;
  /** Ids in the set. */
  readonly size: number;
  /** Memory it takes: 11 to 23 bytes an id, for a moment half as much again while it grows. */
  readonly sizeBytes: number;
}

const FEWEST_SLOTS = 64;
const FULLEST = 0.7;

/** Room is made at once for no more ids than these. */
const MOST_EXPECTED = 2 ** 26;

/** An empty {@link IdSet} with room for `expected` ids, so that it need not grow where no more come. */
export function createIdSet(expected = 0): IdSet {
  const hash: TextHash = { high: 0, low: 0 };
  let slots = new Uint32Array(slotsFor(Math.min(expected, MOST_EXPECTED)) * 2);
  let size = 0;
  return {
    add(id) {
      hashText(id, hash);
      if (!insert(slots, hash.high, hash.low)) return false;
      size++;
      if (size > (slots.length / 2) * FULLEST) slots = enlarged(slots);
      return true;
    },
    get size() {
      return size;
    },
    get sizeBytes() {
      return slots.byteLength;
    },
  };
}

function slotsFor(ids: number): number {
  let slots = FEWEST_SLOTS;
  while (ids > slots * FULLEST) slots *= 2;
  return slots;
}

/** Open addressing: a slot is two words, both zero in an empty one. */
function insert(slots: Uint32Array, high: number, low: number): boolean {
  const last = slots.length / 2 - 1;
  // Slots are counted without a sign: there may be more than 2^31 of them.
  for (let slot = (low & last) >>> 0; ; slot = ((slot + 1) & last) >>> 0) {
    const at = slot * 2;
    if (slots[at] === low && slots[at + 1] === high) return false;
    if (slots[at] === 0 && slots[at + 1] === 0) {
      slots[at] = low;
      slots[at + 1] = high;
      return true;
    }
  }
}

function enlarged(slots: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(slots.length * 2);
  for (let slot = 0; slot < slots.length; slot += 2) {
    const low = slots[slot] as number;
    const high = slots[slot + 1] as number;
    if (low !== 0 || high !== 0) insert(larger, high, low);
  }
  // Freed at once, not when it is found to be garbage.
  slots.buffer.transfer(0);
  return larger;
}
