import { RESERVED_FIELD } from '@vecport/wire';
import type { DocumentParts } from './check-metadata.js';
import type { IndexLayout } from './layout.js';

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Why a point cannot be kept exactly in an index that Vecport did not make and that therefore has no reserved field;
 * `undefined` where it can.
 */
export function refusedByForeign({ native, reserved }: DocumentParts, layout: IndexLayout): string | undefined {
  if (reserved !== undefined)
    return `Metadata that is no object, or has a field '${RESERVED_FIELD}', cannot be kept in an index that Vecport did not make.`;
  const vector = native.find(({ key }) => layout.tree.has(key));
  if (vector !== undefined) return `The metadata field '${vector.key}' is a vector of this index, or holds one.`;
  if (layout.source === 'kept') return undefined;
  for (const { key, value } of native) {
    const changed = rewrittenNumber(Buffer.from(value.buffer, value.byteOffset, value.length).toString());
    if (changed !== undefined) {
      return `This index rewrites its documents and would spell the number ${changed} of '${key}' otherwise.`;
    }
  }
  return undefined;
}

/**
 * The first number that a server which rewrites `_source` spells otherwise: it prints every number with a fraction or
 * an exponent as Java prints a double.
 */
export function rewrittenNumber(json: string): string | undefined {
  return (json.match(TOKENS) ?? []).find(
    (token) => !token.startsWith('"') && /[.eE]/.test(token) && !isJavaDouble(token),
  );
}

// Java has an exponent outside of 10^-3 … 10^7, and prints it otherwise than most.
function isJavaDouble(token: string): boolean {
  const value = Number(token);
  if (value === 0) return token === '0.0' || token === '-0.0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return false;
  return token === (Number.isInteger(value) ? `${value}.0` : String(value));
}
