import { ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { JsonBytes } from './json-bytes.js';
import { UNKNOWN } from './known-keys.js';
import { PayloadEntries } from './payload-entries.js';
import { shortLength, sizeOf } from './short-length.js';

const MAX_DEPTH = 200;
const [COMMA, COLON] = [0x2c, 0x3a];
/** What an element of a list begins with, and frequent members of a value. */
const ELEMENT = 0x0a;
const [DOUBLE, INTEGER, TEXT, BOOL, LIST] = [0x11, 0x18, 0x22, 0x28, 0x3a];
/** A byte of a payload, its tags and lengths among them, becomes fewer bytes of text. */
const MOST_TEXT = 8;
const encoder = new TextEncoder();

/**
 * Prints payloads of Qdrant's protobuf as JSON text, without building values. The entries of an object come
 * in no particular order over gRPC, so they are sorted by the bytes of their keys: the same point is always
 * printed alike. One printer is used for many payloads, as its memory is used again and it knows the keys it has seen.
 */
export class PayloadPrinter {
  readonly #out = new JsonBytes();
  readonly #entries = new PayloadEntries();
  /** Bytes that the text can have. */
  #most = 0;
  #reader = new ProtoReader(new Uint8Array(0));
  #words: DataView = new DataView(new ArrayBuffer(0));

  /** Print payloads that are in this message from now on. */
  read(message: Uint8Array): void {
    this.#reader = new ProtoReader(message);
    this.#words = new DataView(message.buffer, message.byteOffset, message.byteLength);
    this.#entries.read(this.#reader, this.#words);
  }

  /** Begin a payload. */
  begin(): void {
    this.#entries.length = 0;
    this.#most = MOST_TEXT;
  }

  /** Note one of its map entries, which is from `start` to `end`. */
  entry(start: number, end: number): void {
    // With tag and length of the entry.
    this.#most += (end - start + 2) * MOST_TEXT;
    this.#entries.add(start, end);
  }

  /** Print an object of the entries, but for those with the key `except`; gives the text of the last of them. */
  print(except: Uint8Array): string | undefined {
    this.#out.length = 0;
    this.#out.reserve(this.#most);
    const excepted = this.#entries.takeOut(except);
    this.#object(0, 0);
    return excepted && this.#textValue(excepted.start, excepted.end);
  }

  /** What was printed, a view that is valid until the next payload. */
  json(): Uint8Array {
    return this.#out.view();
  }

  /** Print the entries from `first` on as an object, and drop them. */
  #object(first: number, depth: number): void {
    const entries = this.#entries;
    const end = entries.length;
    entries.sort(first);
    this.#out.put(0x7b);
    const before = this.#out.length;
    for (let at = first; at < end; at++) {
      const entry = entries.at(at);
      // Of entries with the same key the last counts.
      if (at + 1 < end && entries.compare(entry, entries.at(at + 1)) === 0) continue;
      if (this.#out.length > before) this.#out.put(COMMA);
      this.#key(entry);
      this.#value(entries.values.start(entry), entries.values.end(entry), depth + 1);
    }
    this.#out.put(0x7d);
    entries.length = first;
  }

  #key(entry: number): void {
    const out = this.#out;
    const { known, keys } = this.#entries;
    const number = this.#entries.number(entry);
    if (number !== UNKNOWN) {
      out.fromWords(known.text(number), known.textLength(number));
      return;
    }
    const [start, end] = [keys.start(entry), keys.end(entry)];
    const before = out.length;
    out.string(this.#reader.bytes, this.#words, start, end);
    out.put(COLON);
    known.learn(this.#reader.bytes.slice(start, end), out.view().slice(before));
  }

  #value(start: number, end: number, depth: number): void {
    if (depth > MAX_DEPTH) throw corruptAnswer(`A payload is nested deeper than ${MAX_DEPTH} levels.`);
    if (start === end || !this.#plainValue(start, end, depth)) this.#unusualValue(start, end, depth);
  }

  /** Print a value that has one member of a frequent type and nothing else; false for another one. */
  #plainValue(start: number, end: number, depth: number): boolean {
    const { bytes } = this.#reader;
    const out = this.#out;
    const tag = bytes[start];
    if (tag === DOUBLE) {
      if (end - start !== 9) return false;
      out.double(finite(this.#words.getFloat64(start + 1, true)));
      return true;
    }
    const number = shortLength(bytes, start + 1, end);
    if (number < 0) return false;
    const after = start + 1 + sizeOf(number);
    if (tag === TEXT || tag === LIST) {
      if (after + number !== end) return false;
      if (tag === TEXT) out.string(bytes, this.#words, after, end);
      else this.#list(after, end, depth);
      return true;
    }
    if (after !== end) return false;
    if (tag === INTEGER) out.integer(number);
    else if (tag === BOOL) out.ascii(number === 0 ? 'false' : 'true');
    else return false;
    return true;
  }

  #unusualValue(start: number, end: number, depth: number): void {
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
      case 2:
        this.#out.double(finite(reader.double()));
        return reader.position;
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
    const first = this.#entries.length;
    for (let at = start; at < end; at = this.#reader.position) {
      const length = this.#element(at, end);
      const after = this.#reader.position;
      if (length >= 0) this.#entries.add(after - length, after);
      this.#reader.position = after;
    }
    this.#object(first, depth);
  }

  #list(start: number, end: number, depth: number): void {
    const { bytes } = this.#reader;
    this.#out.put(0x5b);
    const before = this.#out.length;
    for (let at = start; at < end; ) {
      let length = bytes[at] === ELEMENT ? shortLength(bytes, at + 1, end) : -1;
      const after = at + 1 + sizeOf(length) + length;
      if (length >= 0 && after <= end) at = after;
      else {
        length = this.#element(at, end);
        at = this.#reader.position;
        if (length < 0) continue;
      }
      if (this.#out.length > before) this.#out.put(COMMA);
      this.#value(at - length, at, depth + 1);
    }
    this.#out.put(0x5d);
  }

  /** Go over the field at `at`; gives how many bytes field 1 has, -1 for another field. */
  #element(at: number, end: number): number {
    const reader = this.#reader;
    reader.position = at;
    reader.end = end;
    if (reader.next() === 1) return reader.skipData();
    reader.skip();
    return -1;
  }

  #textValue(start: number, end: number): string {
    const reader = this.#reader;
    reader.position = start;
    reader.end = end;
    let text: string | undefined;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 4) text = reader.text();
      else reader.skip();
    }
    if (text === undefined) throw corruptAnswer('A point has a reserved payload field that is no text.');
    return text;
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw corruptAnswer(`A payload holds the number ${value}.`);
  return value;
}

/** The bytes of a key, for {@link PayloadPrinter.print}. */
export function keyBytes(key: string): Uint8Array {
  return encoder.encode(key);
}
