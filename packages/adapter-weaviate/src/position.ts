import { isIdOfKind, type Slice } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';

/** Objects after one uuid up to and with another; without the first from the very first on, without the last to the end. */
export interface UuidRange {
  readonly after: string | undefined;
  readonly last: string | undefined;
}

const TOKEN = /^uuids:([0-9a-f-]{36})?\.\.([0-9a-f-]{36})?$/;
const ALL_UUIDS = 2n ** 128n;

/**
 * Slices of equal shares of all possible uuids, at most `count`. Random uuids (and those Vecport makes of other
 * identifiers) spread evenly over them.
 */
export function cutUuids(count: number): readonly Slice[] {
  const parts = BigInt(Math.min(count, 4096));
  const borders = Array.from({ length: Number(parts) - 1 }, (_, at) => uuidText((ALL_UUIDS * BigInt(at + 1)) / parts));
  return Array.from({ length: Number(parts) }, (_, at) => ({
    token: `uuids:${borders[at - 1] ?? ''}..${borders[at] ?? ''}`,
  }));
}

/**
 * Where a read begins and ends.
 * @throws VecportError `invalid-argument` for what this adapter did not make, and for a cursor outside of the slice.
 */
export function parsePosition(after: string | undefined, slice: Slice | undefined): UuidRange {
  const range = slice === undefined ? { after: undefined, last: undefined } : parseSlice(slice);
  if (after === undefined) return range;
  if (!isIdOfKind(after, 'uuid')) throw invalidArgument(`'${after}' is no cursor of this adapter.`);
  const inside =
    (range.after === undefined || after >= range.after) && (range.last === undefined || after <= range.last);
  if (!inside) throw invalidArgument(`The cursor '${after}' is not in the slice '${slice?.token}'.`);
  return { after, last: range.last };
}

function parseSlice({ token }: Slice): UuidRange {
  const [whole, after, last] = TOKEN.exec(token) ?? [];
  const known = [after, last].every((uuid) => uuid === undefined || isIdOfKind(uuid, 'uuid'));
  if (whole === undefined || !known) throw invalidArgument(`'${token}' is no slice of this adapter.`);
  return { after, last };
}

function uuidText(value: bigint): string {
  const hex = value.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
