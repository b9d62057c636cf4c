import { JsonReader } from '@vecport/wire';

/** A page of a listing. */
export interface Page {
  readonly texts: readonly string[];
  /** The token of the next page; absent on the last. */
  readonly next: string | undefined;
}

/**
 * A page of objects of which one text matters, e.g. `{"vectors":[{"id":…}],"pagination":{"next":…}}`.
 * @throws VecportError `corrupt-data` for anything else.
 */
export function readPage(bytes: Uint8Array, list: string, member: string): Page {
  const reader = new JsonReader(bytes);
  const texts: string[] = [];
  let next: string | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === list && !reader.isNull()) {
      reader.enterArray();
      while (reader.nextElement()) {
        const text = textOf(reader, member);
        if (text !== undefined) texts.push(text);
      }
    } else if (key === 'pagination') next = readNext(reader);
    else if (key !== list) reader.skip();
  }
  reader.finish();
  return { texts, next };
}

/** The token in `{"next": …}`; an empty one is none. */
export function readNext(reader: JsonReader): string | undefined {
  if (reader.isNull()) return undefined;
  const next = textOf(reader, 'next');
  return next === '' ? undefined : next;
}

function textOf(reader: JsonReader, member: string): string | undefined {
  let text: string | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === member && reader.peek() === 'string') text = reader.text();
    else reader.skip();
  }
  return text;
}
