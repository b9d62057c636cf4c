import { isIdOfKind, type VectorId } from '@vecport/abstractions';
import { invalidArgument } from './errors.js';
import type { Layout } from './layout.js';

/** A range of identifiers: after `after`, up to and including `upTo`. */
export interface KeyRange {
  readonly after: VectorId | undefined;
  readonly upTo: VectorId | undefined;
}

/** The text of a cursor: the identifier an export goes on after. */
export function cursorText(after: VectorId): string {
  return JSON.stringify({ milvus: 1, after });
}

/** @throws VecportError `invalid-argument` for a text that is no cursor of such a collection. */
export function parseCursor(text: string | undefined, layout: Layout): VectorId | undefined {
  if (text === undefined) return undefined;
  const { after } = parseToken(text);
  if (!isKey(after, layout)) throw notOurs('cursor');
  return after;
}

/** The text of a slice's token. */
export function sliceToken({ after, upTo }: KeyRange): string {
  return JSON.stringify({ milvus: 1, slice: true, after, upTo });
}

/** @throws VecportError `invalid-argument` for a text that is no slice of such a collection. */
export function parseSlice(token: string | undefined, layout: Layout): KeyRange {
  if (token === undefined) return { after: undefined, upTo: undefined };
  const { slice, after, upTo } = parseToken(token);
  const isBound = (bound: unknown): bound is string | undefined => bound === undefined || isKey(bound, layout);
  if (slice !== true || !isBound(after) || !isBound(upTo)) throw notOurs('slice');
  return { after, upTo };
}

function parseToken(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notOurs('cursor');
  }
  if (typeof value !== 'object' || value === null || !('milvus' in value) || value.milvus !== 1)
    throw notOurs('cursor');
  return { ...value };
}

function isKey(value: unknown, { key }: Layout): value is VectorId {
  return typeof value === 'string' && (key.type === 'varchar' || isIdOfKind(value, 'i64'));
}

function notOurs(what: 'cursor' | 'slice'): Error {
  return invalidArgument(`This is not a ${what} of this Milvus collection.`, 'Pass it as it was given.');
}
