import type { ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { JsonBytes } from './json-bytes.js';
import { RangeList } from './range-list.js';

const MAX_DEPTH = 200;
const [COMMA, COLON] = [0x2c, 0x3a];
const encoder = new TextEncoder();

/**
 * Prints payloads of Qdrant's protobuf as JSON text, without building values. The entries of an object come
 * in no particular order over gRPC, so they are sorted by the bytes of their keys: the same point is always
 * printed alike. One printer is used for many payloads, as its memory is used again.
 */
export class PayloadPrinter {
  readonly #out = new JsonBytes();
  readonly #reader: ProtoReader;
  /** Keys and values of the entries of all objects that are being printed, an object's after those it is in. */
  readonly #keys = new RangeList();
  readonly #values = new RangeList();
  /** What each key begins with, so that two of them are seldom compared byte by byte. */
  readonly #heads: number[] = [];
  /** The order of the entries of an object, from the place of its first on. */
  readonly #order: number[] = [];
  readonly #words: DataView;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
    const { buffer, byteOffset, byteLength } = reader.bytes;
    this.#words = new DataView(buffer, byteOffset, byteLength);
  }

  /**
   * The JSON text of an object from its map entries, but for the one with the key `except`. What it gives is
   * valid until the next call. Moves the reader.
   */
  print(entries: RangeList, except: Uint8Array): { readonly json: Uint8Array; readonly excepted: string | undefined } {
    this.#out.length = 0;
    this.#keys.length = 0;
    this.#values.length = 0;
    for (let at = 0; at < entries.length; at++) this.#entry(entries.start(at), entries.end(at));
    const excepted = this.#takeOut(except);
    this.#object(0, 0);
    return { json: this.#out.view(), excepted };
  }

  /** Note the key and the value of a map entry. */
  #entry(start: number, end: number): void {
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
    this.#keys.push(keyStart, keyEnd);
    this.#values.push(valueStart, valueEnd);
  }

  /** Take out the entries with this key; gives the text of the last. */
  #takeOut(key: Uint8Array): string | undefined {
    let found = -1;
    let kept = 0;
    for (let at = 0; at < this.#keys.length; at++) {
      if (this.#keyIs(at, key)) found = at;
      else kept++;
    }
    if (found < 0) return undefined;
    const text = this.#textValue(found);
    let to = 0;
    for (let at = 0; at < this.#keys.length; at++) {
      if (this.#keyIs(at, key)) continue;
      this.#keys.copy(at, to);
      this.#values.copy(at, to++);
    }
    this.#keys.length = kept;
    this.#values.length = kept;
    return text;
  }

  /** Print the entries from `first` on as an object, and drop them. */
  #object(first: number, depth: number): void {
    const keys = this.#keys;
    const end = keys.length;
    const order = this.#order;
    this.#sort(first, end);
    this.#out.put(0x7b);
    const before = this.#out.length;
    for (let at = first; at < end; at++) {
      const entry = order[at] ?? 0;
      // Of entries with the same key the last counts.
      if (at + 1 < end && this.#compareKeys(entry, order[at + 1] ?? 0) === 0) continue;
      if (this.#out.length > before) this.#out.put(COMMA);
      this.#out.string(this.#reader.bytes, this.#words, keys.start(entry), keys.end(entry));
      this.#out.put(COLON);
      this.#value(this.#values.start(entry), this.#values.end(entry), depth + 1);
    }
    this.#out.put(0x7d);
    keys.length = first;
    this.#values.length = first;
  }

  /** Put the entries in the order of their keys, those with the same key as they came. */
  #sort(first: number, end: number): void {
    const order = this.#order;
    for (let entry = first; entry < end; entry++) {
      this.#heads[entry] = this.#headOf(this.#keys.start(entry), this.#keys.end(entry));
      order[entry] = entry;
    }
    if (end - first > FEW) {
      const sorted = order.slice(first, end).sort((a, b) => this.#compareKeys(a, b));
      for (let at = first; at < end; at++) order[at] = sorted[at - first] ?? 0;
      return;
    }
    for (let entry = first + 1; entry < end; entry++) {
      let at = entry;
      for (; at > first && this.#compareKeys(order[at - 1] ?? 0, entry) > 0; at--) order[at] = order[at - 1] ?? 0;
      order[at] = entry;
    }
  }

  /** The first four bytes of a key as an integer of the same order, zeros after a shorter one. */
  #headOf(start: number, end: number): number {
    // A small integer of V8 has a sign.
    if (end - start >= 4) return this.#words.getInt32(start) ^ -0x8000_0000;
    let head = 0;
    for (let at = start; at < start + 4; at++) head = (head << 8) | (at < end ? (this.#reader.bytes[at] ?? 0) : 0);
    return head ^ -0x8000_0000;
  }

  #value(start: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw corruptAnswer(`A payload is nested deeper than ${MAX_DEPTH} levels.`);
    const reader = this.#reader;
    reader.position = start;
    reader.end = end;
    const before = this.#out.length;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      // Of several members of a `oneof` the last counts.
      if (field <= 7) this.#out.length = before;
      const next = this.#member(field, depth);
      reader.position = next;
      reader.end = end;
    }
    if (this.#out.length === before) this.#out.ascii('null');
  }

  /** Print one member of a value; gives the position after it. */
  #member(field: number, depth: number): number {
    const reader = this.#reader;
    switch (field) {
      case 1:
        reader.skip();
        this.#out.ascii('null');
        return reader.position;
      case 2: {
        const value = reader.double();
        if (!Number.isFinite(value)) throw corruptAnswer(`A payload holds the number ${value}.`);
        this.#out.double(value);
        return reader.position;
      }
      case 3: {
        const small = reader.smallVarint();
        if (small < 0) this.#out.ascii(String(reader.int64()));
        else this.#out.integer(small);
        return reader.position;
      }
      case 5:
        this.#out.ascii(reader.bool() ? 'true' : 'false');
        return reader.position;
      case 4:
      case 6:
      case 7: {
        const length = reader.skipData();
        const end = reader.position;
        if (field === 4) this.#out.string(reader.bytes, this.#words, end - length, end);
        else if (field === 6) this.#struct(end - length, end, depth);
        else this.#list(end - length, end, depth);
        return end;
      }
      default:
        reader.skip();
        return reader.position;
    }
  }

  #struct(start: number, end: number, depth: number): void {
    const reader = this.#reader;
    const first = this.#keys.length;
    reader.position = start;
    reader.end = end;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) {
        reader.skip();
        continue;
      }
      const length = reader.skipData();
      const after = reader.position;
      this.#entry(after - length, after);
      reader.position = after;
      reader.end = end;
    }
    this.#object(first, depth);
  }

  #list(start: number, end: number, depth: number): void {
    const reader = this.#reader;
    this.#out.put(0x5b);
    const before = this.#out.length;
    reader.position = start;
    reader.end = end;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1) {
        reader.skip();
        continue;
      }
      const length = reader.skipData();
      const after = reader.position;
      if (this.#out.length > before) this.#out.put(COMMA);
      this.#value(after - length, after, depth + 1);
      reader.position = after;
      reader.end = end;
    }
    this.#out.put(0x5d);
  }

  #keyIs(entry: number, key: Uint8Array): boolean {
    const start = this.#keys.start(entry);
    if (this.#keys.end(entry) - start !== key.length) return false;
    for (let at = 0; at < key.length; at++) if (this.#reader.bytes[start + at] !== key[at]) return false;
    return true;
  }

  #compareKeys(a: number, b: number): number {
    const [headA = 0, headB = 0] = [this.#heads[a], this.#heads[b]];
    if (headA !== headB) return headA < headB ? -1 : 1;
    const { bytes } = this.#reader;
    const [startA, startB] = [this.#keys.start(a), this.#keys.start(b)];
    const [lengthA, lengthB] = [this.#keys.end(a) - startA, this.#keys.end(b) - startB];
    for (let at = 0; at < lengthA && at < lengthB; at++) {
      const difference = (bytes[startA + at] ?? 0) - (bytes[startB + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  #textValue(entry: number): string {
    const reader = this.#reader;
    reader.position = this.#values.start(entry);
    reader.end = this.#values.end(entry);
    let text: string | undefined;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 4) text = reader.text();
      else reader.skip();
    }
    if (text === undefined) throw corruptAnswer('A point has a reserved payload field that is no text.');
    return text;
  }
}

/** Entries that are sorted by insertion, which is quickest for as many as a payload has. */
const FEW = 24;

/** The bytes of a key, for {@link PayloadPrinter.print}. */
export function keyBytes(key: string): Uint8Array {
  return encoder.encode(key);
}
