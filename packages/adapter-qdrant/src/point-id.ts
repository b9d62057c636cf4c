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

/** Of the text of a uuid. */
export const UUID_LENGTH = 36;
const [OTHER, HEX, HYPHEN] = [0, 1, 2];
/** What each byte is in a uuid. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(String.fromCharCode(byte)));
const UUID_KINDS = Uint8Array.from(FIRST_UUID, kindOf);
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

/** Whether the 36 bytes from `start` on are a uuid as Qdrant prints it: in lower case with hyphens. */
export function isUuidAt(bytes: Uint8Array, start: number): boolean {
  // Without a branch for each byte, of which nobody can tell whether a digit or a letter comes.
  let different = 0;
  for (let at = 0; at < UUID_LENGTH; at++) {
    different |= (KINDS[bytes[start + at] ?? 0] ?? 0) ^ (UUID_KINDS[at] ?? 0);
  }
  return different === 0;
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

function kindOf(character: string): number {
  return character === '-' ? HYPHEN : /[0-9a-f]/.test(character) ? HEX : OTHER;
}
