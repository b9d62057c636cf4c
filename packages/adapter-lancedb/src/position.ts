import { type Slice, VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { invalidArgument } from './errors.js';

/** Rows `from .. to` (`to` excluded) of what a filter leaves of a table's version, in storage order. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

const TOKEN = /^(v(\d+)(?:-[0-9a-f]+)?):(\d+)(?:-(\d+))?$/;

/** Name of a table's version. It tells apart tables of one name, made one after the other, where Vecport made them. */
export function snapshotName(version: number, tableId: string | undefined): string {
  return tableId === undefined ? `v${version}` : `v${version}-${tableId}`;
}

/** Cursor after `row` rows of a version. */
export function cursorAt(snapshot: string, row: number): string {
  return `${snapshot}:${row}`;
}

/** At most `count` slices of nearly equal size of `total` rows; none when there are no rows. */
export function cutSlices(snapshot: string, total: number, count: number): readonly Slice[] {
  const size = Math.max(1, Math.ceil(total / Math.max(1, count)));
  return Array.from({ length: Math.ceil(total / size) }, (_, at) => {
    const [from, to] = [at * size, Math.min(total, (at + 1) * size)];
    return { token: `${snapshot}:${from}-${to}`, points: to - from };
  });
}

/** Where an export starts and ends, if it was told. */
export interface Position {
  readonly snapshot: string;
  readonly version: number;
  readonly from: number;
  readonly to: number | undefined;
}

/**
 * Read a cursor, a slice, or both.
 * @throws VecportError `invalid-argument` for what this adapter did not make, and for a cursor that
 * is not in the slice.
 */
export function parsePosition(after: string | undefined, slice: Slice | undefined): Position | undefined {
  const range = slice === undefined ? undefined : parseToken(slice.token);
  const cursor = after === undefined ? undefined : parseToken(after);
  if (slice !== undefined && range?.to === undefined)
    throw invalidArgument(`'${slice.token}' is not a slice of this adapter.`);
  if (cursor === undefined) return range;
  if (cursor.to !== undefined) throw invalidArgument(`'${after}' is not a cursor of this adapter.`);
  if (range === undefined) return cursor;
  const inside =
    cursor.snapshot === range.snapshot && cursor.from >= range.from && cursor.from <= (range.to ?? cursor.from);
  if (!inside) throw invalidArgument(`The cursor '${after}' is not in the slice '${slice?.token}'.`);
  return { ...cursor, to: range.to };
}

/** The table is not what a cursor or slice was made for. */
export function sourceChanged(snapshot: string, cause?: unknown): VecportError {
  return new VecportError('source-changed', `The version ${snapshot} of the table is no longer there.`, {
    provider: PROVIDER,
    advice: 'Start the export again. Versions stay until the table is cleaned up (optimize) or dropped.',
    cause,
  });
}

function parseToken(token: string): Position {
  const [, snapshot, version, from, to] = TOKEN.exec(token) ?? [];
  if (snapshot === undefined) throw invalidArgument(`'${token}' is no cursor or slice of this adapter.`);
  return { snapshot, version: Number(version), from: Number(from), to: to === undefined ? undefined : Number(to) };
}
