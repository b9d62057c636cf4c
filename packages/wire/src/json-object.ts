import { JsonReader } from './json-reader.js';

/** A member of a JSON object: the key with its escapes resolved, the value verbatim. */
export interface JsonMember {
  readonly key: string;
  /** A view into the object's bytes. */
  readonly value: Uint8Array;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The members of a JSON object, in order. @throws VecportError `corrupt-data` when it is none. */
export function jsonMembers(bytes: Uint8Array): JsonMember[] {
  const reader = new JsonReader(bytes);
  const members: JsonMember[] = [];
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey())
    members.push({ key, value: reader.raw() });
  reader.finish();
  return members;
}

/** JSON text of an object from members whose values are JSON text already. */
export function jsonObject(members: Iterable<{ readonly key: string; readonly value: Uint8Array | string }>): string {
  const parts = Array.from(members, ({ key, value }) => {
    return `${JSON.stringify(key)}:${typeof value === 'string' ? value : decoder.decode(value)}`;
  });
  return `{${parts.join(',')}}`;
}
