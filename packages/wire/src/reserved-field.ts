import type { VectorId } from '@vecport/abstractions';
import { corrupt } from './corrupt.js';
import { type JsonMember, jsonMembers, jsonObject } from './json-object.js';
import { JsonReader } from './json-reader.js';
import { RESERVED_FIELD } from './mapped-id.js';

/** How a provider holds metadata. */
export interface SplitOptions {
  /** The point's identifier where the provider stores another in its place. */
  readonly id?: VectorId | undefined;
  /** Whether the provider gives this top-level field back exactly: key, type and digits. */
  readonly holds: (key: string, value: Uint8Array) => boolean;
  /** Whether it tells no metadata from an empty object. False if not said. */
  readonly keepsMissing?: boolean | undefined;
}

/** Metadata in two parts. */
export interface SplitMetadata {
  /** The fields the provider holds itself, in order. */
  readonly native: readonly JsonMember[];
  /** JSON text for the field {@link RESERVED_FIELD}; `undefined` where nothing is left over. */
  readonly reserved: string | undefined;
}

/** Metadata put together again. */
export interface JoinedMetadata {
  /** JSON text; `undefined` for a point without metadata. */
  readonly text: Uint8Array | undefined;
  /** The identifier the point was written with, where it is stored under another. */
  readonly id: VectorId | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const OBJECT = 0x7b;

/**
 * Split a point's metadata into what the provider holds exactly and what is kept in the reserved field as
 * JSON text: `{"id": …, "fields": {…}}`, or `{"value": …}` for metadata that is no object, or
 * `{"none": true}` for a point without. {@link joinMetadata} is its inverse, but for the order of keys.
 */
export function splitMetadata(text: Uint8Array | undefined, options: SplitOptions): SplitMetadata {
  const parts: { key: string; value: Uint8Array | string }[] = [];
  if (options.id !== undefined) parts.push({ key: 'id', value: JSON.stringify(options.id) });
  const native: JsonMember[] = [];
  const isObject = text !== undefined && text[firstByte(text)] === OBJECT;
  if (isObject) {
    const kept = new Map<string, Uint8Array>();
    for (const { key, value } of lastOfEach(jsonMembers(text))) {
      if (key !== RESERVED_FIELD && options.holds(key, value)) native.push({ key, value });
      else kept.set(key, value);
    }
    if (kept.size > 0) {
      const fields = Array.from(kept, ([key, value]) => ({ key, value }));
      parts.push({ key: 'fields', value: jsonObject(fields) });
    }
  } else if (text !== undefined) parts.push({ key: 'value', value: text });
  else if (options.keepsMissing !== true) parts.push({ key: 'none', value: 'true' });
  return { native, reserved: parts.length === 0 ? undefined : jsonObject(parts) };
}

/**
 * The metadata and identifier as they were written, from the provider's own fields (JSON text of an
 * object without the reserved field) and the text of the reserved field.
 * @throws VecportError `corrupt-data` when the reserved field is not as `splitMetadata` writes it.
 */
export function joinMetadata(native: Uint8Array, reserved: string | undefined): JoinedMetadata {
  if (reserved === undefined) return { text: native, id: undefined };
  const reader = new JsonReader(encoder.encode(reserved));
  let id: string | undefined;
  let text: Uint8Array | undefined = native;
  if (reader.peek() !== 'object') throw corrupt(`has a field ${RESERVED_FIELD} that was not written by Vecport`);
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === 'id') id = reader.text();
    else if (key === 'value') text = reader.raw();
    else if (key === 'fields') text = encoder.encode(merged(native, reader.raw()));
    else if (key === 'none' && reader.boolean()) text = undefined;
    else throw corrupt(`has a field ${RESERVED_FIELD} with '${key}', which this version does not know`);
  }
  reader.finish();
  return { text, id };
}

function merged(native: Uint8Array, kept: Uint8Array): string {
  const inner = (object: Uint8Array): string => decoder.decode(object).trim().slice(1, -1).trim();
  return `{${[inner(native), inner(kept)].filter((part) => part !== '').join(',')}}`;
}

/** Of members with the same key the last one counts, as for every JSON parser. */
function lastOfEach(members: readonly JsonMember[]): Iterable<JsonMember> {
  return new Map(members.map((member) => [member.key, member])).values();
}

function firstByte(text: Uint8Array): number {
  let at = 0;
  while (at < text.length && (text[at] ?? 0) <= 0x20) at++;
  return at;
}
