import type { ProtoReader } from '@vecport/wire';
import { providerError } from './errors.js';

/**
 * A property's `Value` as JSON text, dates and integers with all their digits; `undefined` for null. The reader stands
 * on the field that holds it.
 */
export function readValue(reader: ProtoReader): string | undefined {
  const outer = reader.enter();
  let text: string | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) text = readKind(reader, field);
  reader.leave(outer);
  return text;
}

/** The text of a `Value` that holds text; `undefined` for null. */
export function readTextValue(reader: ProtoReader): string | undefined {
  const outer = reader.enter();
  let text: string | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 13) text = reader.text();
    else reader.skip();
  }
  reader.leave(outer);
  return text;
}

function readKind(reader: ProtoReader, field: number): string | undefined {
  switch (field) {
    case 1:
      return numberText(reader.double());
    case 3:
      return String(reader.bool());
    case 5:
      return readList(reader);
    case 6:
    case 7:
    case 10:
    case 13:
      return JSON.stringify(reader.text());
    case 8:
      return String(reader.int64());
    case 12:
      reader.skip();
      return undefined;
    default:
      throw providerError(`Weaviate sent a property of a kind that is not known here (${field}).`);
  }
}

function readList(reader: ProtoReader): string {
  const outer = reader.enter();
  let text = '[]';
  for (let field = reader.next(); field !== 0; field = reader.next()) text = `[${readElements(reader, field)}]`;
  reader.leave(outer);
  return text;
}

function readElements(reader: ProtoReader, list: number): string {
  const outer = reader.enter();
  const items: string[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) throw unknownList(list);
    switch (list) {
      case 2:
        eachEightBytes(reader.data(), (view, at) => items.push(numberText(view.getFloat64(at, true))));
        break;
      case 3:
        if (reader.wireType === 0) items.push(String(reader.bool()));
        else for (const byte of reader.data()) items.push(String(byte !== 0));
        break;
      case 5:
      case 6:
      case 8:
        items.push(JSON.stringify(reader.text()));
        break;
      case 7:
        eachEightBytes(reader.data(), (view, at) => items.push(String(view.getBigInt64(at, true))));
        break;
      default:
        throw unknownList(list);
    }
  }
  reader.leave(outer);
  return items.join(',');
}

function eachEightBytes(bytes: Uint8Array, take: (view: DataView, at: number) => void): void {
  if (bytes.length % 8 !== 0) throw providerError(`Weaviate sent a list of numbers with ${bytes.length} bytes.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 8) take(view, at);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
}

function unknownList(list: number): Error {
  return providerError(`Weaviate sent a list of a kind that is not known here (${list}).`);
}
