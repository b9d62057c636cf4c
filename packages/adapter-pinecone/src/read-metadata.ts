import { VecportError, type VectorId } from '@vecport/abstractions';
import { JsonReader, joinMetadata, jsonMembers, jsonObject, RESERVED_FIELD, uuidOfId } from '@vecport/wire';
import { PROVIDER } from './config.js';
import { isReservedKey, plainNumber } from './field-names.js';

/** Metadata as it was written. */
export interface ReadMetadata {
  /** JSON text; `undefined` for a point without metadata. */
  readonly text: Uint8Array | string | undefined;
  /** The point's own identifier, where it is stored under another. */
  readonly id: VectorId | undefined;
}

interface Member {
  readonly key: string;
  readonly value: Uint8Array | string;
}

const NONE: ReadMetadata = { text: undefined, id: undefined };
const encoder = new TextEncoder();

/**
 * The metadata of a stored record, from the object Pinecone gives. Numbers are doubles there, printed as the server
 * likes (`1` or `1.0`): they come back in one spelling, and in their own where that was another.
 * @throws VecportError `corrupt-data` when the reserved field is not as it was written, or is another point's.
 */
export function readMetadata(storedId: string, object: Uint8Array | undefined): ReadMetadata {
  if (object === undefined) return NONE;
  const { members, reserved } = readMembers(object);
  if (reserved === undefined) return members.length === 0 ? NONE : { text: jsonObject(members), id: undefined };
  const own = fieldsOf(reserved);
  const native = own.size === 0 ? members : members.filter(({ key }) => !own.has(key));
  const { text, id } = joinMetadata(encoder.encode(jsonObject(native)), reserved);
  if (id !== undefined && uuidOfId(id) !== storedId) {
    throw new VecportError(
      'corrupt-data',
      `The record '${storedId}' says that it is the point '${id}', which it cannot be.`,
      {
        provider: PROVIDER,
        advice: `Its field ${RESERVED_FIELD} was copied from another record.`,
      },
    );
  }
  // An identifier alone says nothing about metadata; without any field there was none.
  const none = text !== undefined && native.length === 0 && own.size === 0 && !hasValue(reserved);
  return { text: none ? undefined : text, id };
}

function readMembers(object: Uint8Array): { readonly members: Member[]; readonly reserved: string | undefined } {
  const reader = new JsonReader(object);
  const members: Member[] = [];
  let reserved: string | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key === RESERVED_FIELD && reader.peek() === 'string') reserved = reader.text();
    else if (isReservedKey(key)) reader.skip();
    else if (reader.peek() === 'number') members.push({ key, value: plainNumber(reader.number()) });
    else members.push({ key, value: reader.raw() });
  }
  reader.finish();
  return { members, reserved };
}

function fieldsOf(reserved: string): ReadonlySet<string> {
  const fields = jsonMembers(encoder.encode(reserved)).find(({ key }) => key === 'fields');
  return new Set(fields === undefined ? [] : jsonMembers(fields.value).map(({ key }) => key));
}

function hasValue(reserved: string): boolean {
  return jsonMembers(encoder.encode(reserved)).some(({ key }) => key === 'value');
}
