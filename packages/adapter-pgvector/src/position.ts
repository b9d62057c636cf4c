import type { Slice, VectorId } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';

/** Part of a table's key: after one identifier, up to and with another; from the start or to the end without them. */
interface KeyRange {
  readonly after?: VectorId | undefined;
  readonly to?: VectorId | undefined;
}

/** What a slice's token says. */
export interface SliceToken extends KeyRange {
  /** Identifies the plan in the process that made it. */
  readonly plan: string;
  /** Name of the exported snapshot. */
  readonly snapshot: string;
  /** When the server that has it was started. */
  readonly server: string;
}

const CURSOR = 'pg1:';

/** Cursor after a point. */
export function cursorAfter(id: VectorId): string {
  return `${CURSOR}${id}`;
}

/** @throws VecportError `invalid-argument` for what this adapter did not make. */
export function parseCursor(cursor: string): VectorId {
  if (cursor.length > CURSOR.length && cursor.startsWith(CURSOR)) return cursor.slice(CURSOR.length);
  throw badCursor(cursor);
}

/** An error for a cursor that cannot be of this table. */
export function badCursor(cursor: string): Error {
  return invalidArgument(`'${cursor}' is no cursor of this adapter and table.`);
}

/** The text of a slice's token. */
export function printToken(token: SliceToken): string {
  return JSON.stringify({ v: 1, ...token });
}

/** @throws VecportError `invalid-argument` for what this adapter did not make. */
export function parseToken({ token }: Slice): SliceToken {
  const value = parseObject(token);
  const { v, plan, snapshot, server, after, to } = value;
  if (v !== 1 || typeof plan !== 'string' || typeof snapshot !== 'string' || typeof server !== 'string')
    throw badSlice(token);
  return { plan, snapshot, server, after: optionalId(after, token), to: optionalId(to, token) };
}

function parseObject(token: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(token);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Not ours, as anything else that is no object.
  }
  throw badSlice(token);
}

function optionalId(value: unknown, token: string): VectorId | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw badSlice(token);
}

function badSlice(token: string): Error {
  return invalidArgument(`'${token}' is no slice of this adapter.`);
}
