import type { ProtoReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { JsonBytes } from './json-bytes.js';
import { doubleText } from './payload-values.js';

const MAX_DEPTH = 200;
const [COMMA, COLON] = [0x2c, 0x3a];
const encoder = new TextEncoder();
/** A place in a message's bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

interface Entry {
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Start and end of the value's message. */
  readonly start: number;
  readonly end: number;
}

/**
 * Prints payloads of Qdrant's protobuf as JSON text, without building values. The entries of an object come
 * in no particular order over gRPC, so they are sorted by the bytes of their keys: the same point is always
 * printed alike. One printer is used for many payloads, as its memory is used again.
 */
export class PayloadPrinter {
  readonly #out = new JsonBytes();
  readonly #reader: ProtoReader;

  constructor(reader: ProtoReader) {
    this.#reader = reader;
  }

  /**
   * The JSON text of an object from its map entries, but for the one with the key `except`. What it gives is
   * valid until the next call. Moves the reader.
   */
  print(
    ranges: readonly ByteRange[],
    except: Uint8Array,
  ): { readonly json: Uint8Array; readonly excepted: string | undefined } {
    this.#out.length = 0;
    const entries = ranges.map((range) => this.#entry(range));
    const own = entries.findLast((entry) => this.#keyIs(entry, except));
    this.#object(own === undefined ? entries : entries.filter((entry) => !this.#keyIs(entry, except)), 0);
    const json = this.#out.view();
    return { json, excepted: own && this.#textValue(own) };
  }

  #entry({ start, end }: ByteRange): Entry {
    const reader = this.#reader;
    reader.position = start;
    reader.end = end;
    const entry = { keyStart: end, keyEnd: end, start: end, end };
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field !== 1 && field !== 2) {
        reader.skip();
        continue;
      }
      const range = this.#range();
      if (field === 1) {
        entry.keyStart = range.start;
        entry.keyEnd = range.end;
      } else {
        entry.start = range.start;
        entry.end = range.end;
      }
    }
    return entry;
  }

  #object(entries: Entry[], depth: number): void {
    entries.sort((a, b) => this.#compareKeys(a, b));
    this.#out.put(0x7b);
    let first = true;
    entries.forEach((entry, at) => {
      const next = entries[at + 1];
      // Of entries with the same key the last counts.
      if (next !== undefined && this.#compareKeys(entry, next) === 0) return;
      if (!first) this.#out.put(COMMA);
      first = false;
      this.#out.string(this.#reader.bytes, entry.keyStart, entry.keyEnd);
      this.#out.put(COLON);
      this.#value(entry, depth + 1);
    });
    this.#out.put(0x7d);
  }

  #value({ start, end }: ByteRange, depth: number): void {
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
        this.#out.ascii(doubleText(value));
        return reader.position;
      }
      case 3:
        this.#out.ascii(String(reader.int64()));
        return reader.position;
      case 5:
        this.#out.ascii(reader.bool() ? 'true' : 'false');
        return reader.position;
      case 4:
      case 6:
      case 7: {
        const range = this.#range();
        if (field === 4) this.#out.string(this.#reader.bytes, range.start, range.end);
        else if (field === 6)
          this.#object(
            this.#members(range).map((one) => this.#entry(one)),
            depth,
          );
        else this.#list(this.#members(range), depth);
        return range.end;
      }
      default:
        reader.skip();
        return reader.position;
    }
  }

  /** The place of the field's bytes, which are skipped. */
  #range(): ByteRange {
    return byteRange(this.#reader);
  }

  /** The places of the messages in the repeated field 1. */
  #members({ start, end }: ByteRange): ByteRange[] {
    const reader = this.#reader;
    reader.position = start;
    reader.end = end;
    const found: ByteRange[] = [];
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) found.push(this.#range());
      else reader.skip();
    }
    return found;
  }

  #list(values: readonly ByteRange[], depth: number): void {
    this.#out.put(0x5b);
    values.forEach((value, at) => {
      if (at > 0) this.#out.put(COMMA);
      this.#value(value, depth + 1);
    });
    this.#out.put(0x5d);
  }

  #keyIs({ keyStart, keyEnd }: Entry, key: Uint8Array): boolean {
    return keyEnd - keyStart === key.length && key.every((byte, at) => this.#reader.bytes[keyStart + at] === byte);
  }

  #compareKeys(a: Entry, b: Entry): number {
    const { bytes } = this.#reader;
    const shorter = Math.min(a.keyEnd - a.keyStart, b.keyEnd - b.keyStart);
    for (let at = 0; at < shorter; at++) {
      const difference = (bytes[a.keyStart + at] ?? 0) - (bytes[b.keyStart + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return a.keyEnd - a.keyStart - (b.keyEnd - b.keyStart);
  }

  #textValue({ start, end }: Entry): string {
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

/** The place of a length-delimited field's bytes, which are skipped. */
export function byteRange(reader: ProtoReader): ByteRange {
  const outer = reader.enter();
  const range = { start: reader.position, end: reader.end };
  reader.leave(outer);
  return range;
}

/** The bytes of a key, for {@link PayloadPrinter.print}. */
export function keyBytes(key: string): Uint8Array {
  return encoder.encode(key);
}
