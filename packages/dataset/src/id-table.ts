import { hashText, type TextHash } from './text-hash.js';

/** Two words of 32 bits for each of many ids, of which 64 bits are kept: 23 to 46 bytes an id. */
export interface IdTable {
  /** Ids in the table. */
  readonly size: number;
  /** Memory it takes, for a moment half as much again while it grows. */
  readonly sizeBytes: number;
  /**
   * The place of an id, -1 where there is none. Another id with the same 64 bits is taken for it: among n ids that
   * happens with a probability of about n² / 2^65, so what follows from it has to be checked. A place holds until the
   * next `put`.
   */
  find(id: string): number;
  /** The first and the second word at a place. */
  high(place: number): number;
  low(place: number): number;
  /** Replace the words at a place. */
  set(place: number, high: number, low: number): void;
  /** Put an id in, or replace its words. */
  put(id: string, high: number, low: number): void;
}

const FEWEST_SLOTS = 64;
const FULLEST = 0.7;
/** Words a slot has: two of the id, two of the value. */
const WORDS = 4;

/** An empty {@link IdTable}. */
export function createIdTable(): IdTable {
  const hash: TextHash = { high: 0, low: 0 };
  let slots = new Uint32Array(FEWEST_SLOTS * WORDS);
  let size = 0;
  return {
    get size() {
      return size;
    },
    get sizeBytes() {
      return slots.byteLength;
    },
    find(id) {
      hashText(id, hash);
      const place = placeOf(slots, hash.high, hash.low);
      return isFree(slots, place) ? -1 : place;
    },
    high: (place) => slots[place + 2] ?? 0,
    low: (place) => slots[place + 3] ?? 0,
    set: (place, high, low) => {
      slots[place + 2] = high;
      slots[place + 3] = low;
    },
    put(id, high, low) {
      hashText(id, hash);
      const place = placeOf(slots, hash.high, hash.low);
      if (isFree(slots, place)) size++;
      fill(slots, place, hash.high, hash.low, high, low);
      if (size > (slots.length / WORDS) * FULLEST) slots = enlarged(slots);
    },
  };
}

/** Open addressing: where the id is, or the free slot it belongs to. */
function placeOf(slots: Uint32Array, high: number, low: number): number {
  const last = slots.length - WORDS;
  for (let place = (low * WORDS) & last; ; place = (place + WORDS) & last) {
    if (isFree(slots, place) || (slots[place] === low && slots[place + 1] === high)) return place;
  }
}

function isFree(slots: Uint32Array, place: number): boolean {
  return slots[place] === 0 && slots[place + 1] === 0;
}

function fill(slots: Uint32Array, place: number, idHigh: number, idLow: number, high: number, low: number): void {
  slots[place] = idLow;
  slots[place + 1] = idHigh;
  slots[place + 2] = high;
  slots[place + 3] = low;
}

function enlarged(slots: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(slots.length * 2);
  for (let place = 0; place < slots.length; place += WORDS) {
    if (isFree(slots, place)) continue;
    const low = slots[place] ?? 0;
    const high = slots[place + 1] ?? 0;
    fill(larger, placeOf(larger, high, low), high, low, slots[place + 2] ?? 0, slots[place + 3] ?? 0);
  }
  return larger;
}
