import { ProtoReader } from '@vecport/wire';

/** Reads a field's value; `before` is what the field had so far. */
export interface FieldReader<T> {
  readonly number: number;
  read(reader: ProtoReader, before: T | undefined): T;
}

/** Reads a message to its end: an array of bytes, or the rest of what a reader is in. */
export type MessageReader<T> = (source: Uint8Array | ProtoReader) => Found<T>;

/** The fields that were sent. */
type Found<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A field that comes once; of several the last counts. */
export function one<T>(number: number, read: (reader: ProtoReader) => T): FieldReader<T> {
  return { number, read };
}

/** A repeated field that is not packed. */
export function many<T>(number: number, read: (reader: ProtoReader) => T): FieldReader<T[]> {
  return {
    number,
    read: (reader, before = []) => {
      before.push(read(reader));
      return before;
    },
  };
}

/** A map field whose entries `read` reads. */
export function entries<T>(number: number, read: (reader: ProtoReader) => [string, T]): FieldReader<Map<string, T>> {
  return { number, read: (reader, before = new Map<string, T>()) => before.set(...read(reader)) };
}

/** A reader of messages that have these fields; all others are skipped. */
export function messageReader<T extends object>(
  fields: {
    readonly [K in keyof T]: FieldReader<T[K]>;
  },
): MessageReader<T> {
  const keys = new Map<number, keyof T>();
  for (const key of Object.keys(fields) as (keyof T)[]) keys.set(fields[key].number, key);
  return (source) => {
    const reader = source instanceof ProtoReader ? source : new ProtoReader(source);
    const found: { -readonly [K in keyof T]?: T[K] | undefined } = {};
    for (let number = reader.next(); number !== 0; number = reader.next()) {
      const key = keys.get(number);
      if (key === undefined) reader.skip();
      else found[key] = fields[key].read(reader, found[key]);
    }
    return found;
  };
}

/** Reads the message that comes next to its end, then goes on after it. */
export function inside<T>(read: (reader: ProtoReader) => T): (reader: ProtoReader) => T {
  return (reader) => {
    const outer = reader.enter();
    const value = read(reader);
    reader.leave(outer);
    return value;
  };
}

/** Text that comes next. */
export function textField(reader: ProtoReader): string {
  return reader.text();
}

/** A truth value that comes next. */
export function boolField(reader: ProtoReader): boolean {
  return reader.bool();
}

/** An unsigned integer that comes next, exact. */
export function uint64Field(reader: ProtoReader): bigint {
  return reader.uint64();
}

/** A float32 that comes next. */
export function floatField(reader: ProtoReader): number {
  return reader.float();
}
