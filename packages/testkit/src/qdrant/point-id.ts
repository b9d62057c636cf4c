import { printJson } from './json-print.js';
import type { JsonValue } from './json-value.js';
import { formatError } from './server-error.js';

/** A point's id: an unsigned 64-bit integer, or a uuid in lower case with hyphens. */
export type PointId = bigint | string;

const UUID = /^(?:urn:uuid:)?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;
const SIMPLE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i;

/** The uuid a text stands for (hyphenated, plain, in braces, as a URN), in the form the server gives back. */
export function normalizeUuid(text: string): string | undefined {
  const inner = /^\{(.*)\}$/.exec(text)?.[1] ?? text;
  const parts = UUID.exec(inner) ?? SIMPLE.exec(inner);
  return parts?.slice(1).join('-').toLowerCase();
}

/** @throws Refusal in the words of the REST interface for what is no id. */
export function readPointId(value: JsonValue | undefined): PointId {
  if (typeof value === 'bigint' && value >= 0n) return value;
  const uuid = typeof value === 'string' ? normalizeUuid(value) : undefined;
  if (uuid !== undefined) return uuid;
  const shown = typeof value === 'string' ? value : printJson(value ?? null);
  throw formatError(`value ${shown} is not a valid point ID, valid values are either an unsigned integer or a UUID`);
}

/** The order points are scrolled in: integers ascending, then uuids by their bytes. */
export function comparePointIds(a: PointId, b: PointId): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
