import { type Slice, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { comparePointIds, FIRST_ID, isPointId, type PointId } from './point-id.js';

/** A part of a collection in the order of identifiers. */
export interface IdRange {
  readonly from: PointId;
  /** The first identifier that no longer belongs to it; none if it goes to the end. */
  readonly to?: PointId | undefined;
}

const END = 'end';

/** The cursor of an export whose next point is at `next` or after it; without it the export is done. */
export function cursorAt(next: PointId | undefined): string {
  return next ?? END;
}

/** The token of a slice. */
export function tokenOf({ from, to }: IdRange): string {
  return JSON.stringify({ from, ...(to === undefined ? {} : { to }) });
}

/**
 * What is left to read of a slice after a cursor, or of everything; `undefined` when that is nothing.
 * @throws VecportError `invalid-argument` for a cursor or a slice that is not from this adapter.
 */
export function rangeOf(after: string | undefined, slice: Slice | undefined): IdRange | undefined {
  const whole = slice === undefined ? { from: FIRST_ID } : parseToken(slice.token);
  if (after === undefined) return isEmpty(whole) ? undefined : whole;
  if (after === END) return undefined;
  if (!isPointId(after)) throw notOurs('cursor', after);
  if (comparePointIds(after, whole.from) < 0) throw notOurs('cursor', after);
  const rest = { ...whole, from: after };
  return isEmpty(rest) ? undefined : rest;
}

function isEmpty({ from, to }: IdRange): boolean {
  return to !== undefined && comparePointIds(from, to) >= 0;
}

function parseToken(token: string): IdRange {
  let value: unknown;
  try {
    value = JSON.parse(token);
  } catch {
    throw notOurs('slice', token);
  }
  const { from, to } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof from !== 'string' || !isPointId(from)) throw notOurs('slice', token);
  if (to === undefined) return { from };
  if (typeof to !== 'string' || !isPointId(to)) throw notOurs('slice', token);
  return { from, to };
}

function notOurs(what: string, text: string): VecportError {
  return new VecportError('invalid-argument', `The ${what} '${text.slice(0, 80)}' is not one of this export.`, {
    provider: PROVIDER,
    advice: `Pass a ${what} that came from the same collection, with the same options.`,
  });
}
