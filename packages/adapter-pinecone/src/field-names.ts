import { RESERVED_FIELD } from '@vecport/wire';

/*
 * Pinecone's metadata is flat: texts, numbers, truth values and lists of texts. What it cannot hold as it was written
 * stands in the field `_vecport` as JSON text; so that filters see it all the same, what can be compared of it stands
 * beside it, under names that begin with `_vecport` too and that no read gives out:
 *   `_vecport.<path>`  a value inside an object, or under a key that Pinecone does not take
 *   `_vecport#<path>`  the numbers and truth values of a list, as texts
 *   `_vecport!`        the paths that exist and have no value of their own
 */

/** The field with the paths that exist and have no value of their own. */
export const EXISTING_PATHS = `${RESERVED_FIELD}!`;

/** Whether a key is one of this adapter's own. */
export function isReservedKey(key: string): boolean {
  return (
    key.startsWith(RESERVED_FIELD) &&
    (key.length === RESERVED_FIELD.length || '.#!'.includes(key[RESERVED_FIELD.length] ?? ''))
  );
}

/** Whether Pinecone holds a field of this name. */
export function isPlainKey(key: string): boolean {
  return !key.startsWith('$') && !isReservedKey(key) && isPlainText(key);
}

/** Whether Pinecone surely gives a text back as it was: Unicode, and without NUL. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The field in which the value at a path can be compared. */
export function comparableField(path: readonly string[]): string {
  const [key = ''] = path;
  return path.length === 1 && isPlainKey(key) && !key.includes('.') ? key : `${RESERVED_FIELD}.${path.join('.')}`;
}

/** The field with the numbers and truth values of the list at a path. */
export function elementsField(path: readonly string[]): string {
  return `${RESERVED_FIELD}#${path.join('.')}`;
}

/** The one spelling of a number that Pinecone, which holds doubles, is said to hold exactly. */
export function plainNumber(value: number): string {
  return String(value);
}
