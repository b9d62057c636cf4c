import { parseDatetime } from './datetime.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { leavesAt, parsePath } from './payload-path.js';
import { normalizeUuid } from './point-id.js';
import { formatError } from './server-error.js';

/** What a payload index holds. */
type PayloadIndexType = 'keyword' | 'integer' | 'float' | 'geo' | 'text' | 'bool' | 'datetime' | 'uuid';

/** An index over one payload field. */
export interface PayloadIndex {
  readonly type: PayloadIndexType;
  /** The parameters it was made with, `undefined` where only the type was named. */
  readonly params: JsonObject | undefined;
}

const HOLDS: Readonly<Record<PayloadIndexType, (value: JsonValue) => boolean>> = {
  keyword: (value) => typeof value === 'string',
  integer: (value) => typeof value === 'bigint' && value < 2n ** 63n,
  float: (value) => typeof value === 'number' || typeof value === 'bigint',
  geo: (value) => isJsonObject(value) && value.has('lon') && value.has('lat'),
  text: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  datetime: (value) => typeof value === 'string' && parseDatetime(value) !== undefined,
  uuid: (value) => typeof value === 'string' && normalizeUuid(value) !== undefined,
};

/** The index a request asks for: the name of a type, or an object with the member `type`. */
export function readPayloadIndex(schema: JsonValue | undefined): PayloadIndex {
  const type = isJsonObject(schema) ? schema.get('type') : schema;
  if (typeof type !== 'string' || !isIndexType(type)) {
    throw formatError('data did not match any variant of untagged enum PayloadFieldSchema');
  }
  return { type, params: isJsonObject(schema) ? schema : undefined };
}

/** Tells whether a payload has a value in the field that the index holds. */
export function indexedIn(index: PayloadIndex, field: string): (payload: JsonObject) => boolean {
  const path = parsePath(field);
  return (payload) => leavesAt(payload, path).some(HOLDS[index.type]);
}

function isIndexType(type: string): type is PayloadIndexType {
  return Object.hasOwn(HOLDS, type);
}
