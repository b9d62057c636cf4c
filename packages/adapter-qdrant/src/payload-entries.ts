import { ProtoReader } from '@vecport/wire';
import { KnownKeys, UNKNOWN } from './known-keys.js';
import { RangeList } from './range-list.js';
import { LONG, shortLength, sizeOf } from './short-length.js';

/** What the fields of an entry begin with. */
const [KEY, VALUE] = [0x0a, 0x12];
/** Entries that are sorted by insertion, which is quickest for as many as a payload has. */
const FEW = 24;

/**
 * Where keys and values of the entries of all objects are that are being printed, an object's after those of the objects it
 * is in.
 */
export class PayloadEntries {
  readonly known = new KnownKeys();
  #reader = new ProtoReader(new Uint8Array(0));
  #words: DataView = new DataView(new ArrayBuffer(0));
  readonly keys = new RangeList();
  readonly values = new RangeList();
  /** The numbers of the keys that are known. */
  readonly #numbers: number[] = [];
  /** The order of the entries of an object, from the place of its first on. */
  readonly #order: number[] = [];

  /** Note entries that are in this message from now on. Moves the reader. */
  read(reader: ProtoReader, words: DataView): void {
    this.#reader = reader;
    this.#words = words;
  }

  get length(): number {
    return this.keys.length;
  }

  /** Setting it back drops those from there on. */
  set length(length: number) {
    this.keys.length = length;
    this.values.length = length;
  }

  /** Note the key and the value of a map entry. */
  add(start: number, end: number): void {
    const { bytes } = this.#reader;
    // Mostly there is a short key, then a value, and that is all.
    const keyLength = bytes[start] === KEY && start + 1 < end ? (bytes[start + 1] ?? 0) : LONG;
    const keyEnd = start + 2 + keyLength;
    if (keyLength < LONG && keyEnd < end && bytes[keyEnd] === VALUE) {
      const length = shortLength(bytes, keyEnd + 1, end);
      const value = keyEnd + 1 + sizeOf(length);
      if (length >= 0 && value + length === end) {
        this.#note(start + 2, keyEnd, value, end);
        return;
      }
    }
    this.#addUnusual(start, end);
  }

  /** The number of an entry's key among those that are known, or -1. */
  number(entry: number): number {
    return this.#numbers[entry] ?? UNKNOWN;
  }

  /** The entry at a place of the order that {@link sort} made. */
  at(place: number): number {
    return this.#order[place] ?? 0;
  }

  /** Take out the entries with this key; gives where the value of the last is. */
  takeOut(key: Uint8Array): { readonly start: number; readonly end: number } | undefined {
    let found: { readonly start: number; readonly end: number } | undefined;
    let kept = 0;
    for (let at = 0; at < this.length; at++) {
      if (this.#keyIs(at, key)) found = { start: this.values.start(at), end: this.values.end(at) };
      else {
        if (kept < at) this.#copy(at, kept);
        kept++;
      }
    }
    this.length = kept;
    return found;
  }

  /** Order the entries from `first` on by their keys, those with the same key as they came. */
  sort(first: number): void {
    const order = this.#order;
    const end = this.length;
    for (let entry = first; entry < end; entry++) order[entry] = entry;
    if (end - first > FEW) {
      const sorted = order.slice(first, end).sort((a, b) => this.compare(a, b));
      for (let at = first; at < end; at++) order[at] = sorted[at - first] ?? 0;
      return;
    }
    for (let entry = first + 1; entry < end; entry++) {
      let at = entry;
      for (; at > first && this.compare(order[at - 1] ?? 0, entry) > 0; at--) order[at] = order[at - 1] ?? 0;
      order[at] = entry;
    }
  }

  /** The order of two entries' keys. */
  compare(a: number, b: number): number {
    const numberA = this.number(a);
    const numberB = this.number(b);
    if (numberA !== UNKNOWN && numberB !== UNKNOWN) return this.known.rank(numberA) - this.known.rank(numberB);
    return this.#compareBytes(a, b);
  }

  #compareBytes(a: number, b: number): number {
    const { bytes } = this.#reader;
    const [startA, startB] = [this.keys.start(a), this.keys.start(b)];
    const [lengthA, lengthB] = [this.keys.end(a) - startA, this.keys.end(b) - startB];
    for (let at = 0; at < lengthA && at < lengthB; at++) {
      const difference = (bytes[startA + at] ?? 0) - (bytes[startB + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  #addUnusual(start: number, end: number): void {
    const reader = this.#reader;
    reader.position = start;
    reader.end = end;
    let [keyStart, keyEnd, valueStart, valueEnd] = [end, end, end, end];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1 && field !== 2) {
        reader.skip();
        continue;
      }
      const length = reader.skipData();
      const to = reader.position;
      if (field === 1) {
        keyStart = to - length;
        keyEnd = to;
      } else {
        valueStart = to - length;
        valueEnd = to;
      }
    }
    this.#note(keyStart, keyEnd, valueStart, valueEnd);
  }

  #note(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    this.#numbers[this.length] = this.known.find(this.#reader.bytes, this.#words, keyStart, keyEnd);
    this.keys.push(keyStart, keyEnd);
    this.values.push(valueStart, valueEnd);
  }

  #keyIs(entry: number, key: Uint8Array): boolean {
    const start = this.keys.start(entry);
    if (this.keys.end(entry) - start !== key.length) return false;
    for (let at = 0; at < key.length; at++) if (this.#reader.bytes[start + at] !== key[at]) return false;
    return true;
  }

  #copy(from: number, to: number): void {
    this.#numbers[to] = this.number(from);
    this.keys.copy(from, to);
    this.values.copy(from, to);
  }
}
