import { isIdOfKind, type VectorId } from '@vecport/abstractions';
import { uuidOfId } from '@vecport/wire';

/**
 * An identifier as Qdrant holds it, as text: an unsigned 64-bit integer, or a uuid in lower case with
 * hyphens. Which of the two it is, its length tells.
 */
export type PointId = string;

/** The first identifier there can be. */
export const FIRST_ID: PointId = '0';
/** The first that comes after all integers. */
export const FIRST_UUID: PointId = '00000000-0000-0000-0000-000000000000';

const UUID_LENGTH = 36;
const MAX_U64 = 18446744073709551615n;
const MAX_U128 = 2n ** 128n - 1n;

/** Whether the identifier is a uuid. */
export function isUuid(id: PointId): boolean {
  return id.length === UUID_LENGTH;
}

/** Whether text is an identifier as Qdrant prints it. */
export function isPointId(text: string): boolean {
  return isIdOfKind(text, text.length === UUID_LENGTH ? 'uuid' : 'u64');
}

/** The identifier a point is stored under: its own where Qdrant has a place for it, else a uuid made from it. */
export function pointIdOf(id: VectorId): PointId {
  return isPointId(id) ? id : uuidOfId(id);
}

/** The order of a scroll: integers by value, then uuids by value. */
export function comparePointIds(left: PointId, right: PointId): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The next possible identifier; `undefined` after the last. */
export function nextPointId(id: PointId): PointId | undefined {
  if (isUuid(id)) {
    const value = uuidValue(id);
    return value === MAX_U128 ? undefined : uuidFrom(value + 1n);
  }
  const value = BigInt(id);
  return value === MAX_U64 ? FIRST_UUID : String(value + 1n);
}

/** The uuid of a 128-bit number. */
export function uuidFrom(value: bigint): PointId {
  const hex = value.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function uuidValue(id: PointId): bigint {
  return BigInt(`0x${id.replaceAll('-', '')}`);
}
