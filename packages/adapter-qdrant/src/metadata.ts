import type { VectorId } from '@vecport/abstractions';
import {
  type JsonMember,
  JsonReader,
  joinMetadata,
  jsonMembers,
  jsonObject,
  RESERVED_FIELD,
  splitMetadata,
} from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { normalizedJson, storedAs } from './payload-values.js';
import { type PointId, pointIdOf } from './point-id.js';

const encoder = new TextEncoder();

/** What a point is, apart from its vectors. */
export interface PointFace {
  readonly id: VectorId;
  /** JSON text; `undefined` for a point without metadata. */
  readonly metadata: Uint8Array | undefined;
}

/**
 * The payload a point is stored with. A field Qdrant gives back as it was written is stored as it is. Every
 * other one is kept as text in the reserved field; where only the spelling of numbers is at stake (`1.0`,
 * `1e2`), it is stored beside that as well, so that filters see it.
 * @throws VecportError `corrupt-data` for metadata that is not JSON.
 */
export function payloadOf(id: VectorId, metadata: Uint8Array | undefined): readonly JsonMember[] {
  const shadows: JsonMember[] = [];
  const { native, reserved } = splitMetadata(metadata, {
    id: pointIdOf(id) === id ? undefined : id,
    holds: (key, value) => {
      if (!key.isWellFormed()) return false;
      const stored = storedAs(value);
      if (stored === 'equal') shadows.push({ key, value: encoder.encode(normalizedJson(value)) });
      return stored === 'exact';
    },
  });
  if (reserved === undefined) return native;
  const text = encoder.encode(JSON.stringify(reserved));
  return [...native, ...shadows, { key: RESERVED_FIELD, value: text }];
}

/**
 * Identifier and metadata as they were written, from what is stored: the payload without the reserved field,
 * and the text in that.
 * @throws VecportError `corrupt-data` when the identifier in it belongs to another point, or it is not Vecport's.
 */
export function faceOf(pointId: PointId, payload: Uint8Array, reserved: string | undefined): PointFace {
  if (reserved === undefined) return { id: pointId, metadata: payload };
  const { text, id = pointId } = joinMetadata(payload, reserved);
  if (id !== pointId && pointIdOf(id) !== pointId) {
    throw corruptAnswer(
      `The point ${pointId} says in its field ${RESERVED_FIELD} that it is '${id}', which is stored elsewhere.`,
    );
  }
  return { id, metadata: text === undefined || text === payload ? text : withoutShadows(text) };
}

/** A payload as JSON text in two parts, for {@link faceOf}. */
export function splitPayload(payload: Uint8Array): {
  readonly payload: Uint8Array;
  readonly reserved: string | undefined;
} {
  if (!Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(RESERVED_KEY))
    return { payload, reserved: undefined };
  const members = jsonMembers(payload);
  const own = members.findLast(({ key }) => key === RESERVED_FIELD);
  if (own === undefined) return { payload, reserved: undefined };
  const reader = new JsonReader(own.value);
  if (reader.peek() !== 'string')
    throw corruptAnswer(`A point has a payload field ${RESERVED_FIELD} that is no text: it is not Vecport's.`);
  const rest = members.filter(({ key }) => key !== RESERVED_FIELD);
  return { payload: encoder.encode(jsonObject(rest)), reserved: reader.text() };
}

const RESERVED_KEY = Buffer.from(`"${RESERVED_FIELD}"`);

/** Kept fields come after stored ones of the same key and win; they go to the place of those. */
function withoutShadows(text: Uint8Array): Uint8Array {
  if (new JsonReader(text).peek() !== 'object') return text;
  const members = jsonMembers(text);
  const last = new Map(members.map((member) => [member.key, member]));
  return last.size === members.length ? text : encoder.encode(jsonObject(last.values()));
}
