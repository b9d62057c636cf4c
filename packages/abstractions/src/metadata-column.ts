import { VecportError } from './errors.js';
import { type JsonValue, parseJson } from './lossless-json.js';
import type { MissingRows } from './vector-column.js';
import { rowRange } from './vector-column.js';

/**
 * The metadata of a batch as JSON text, exactly as the provider sent it, in UTF-8: row `i` is
 * `bytes[offsets[i] .. offsets[i + 1]]`. It is decoded and parsed only when somebody asks.
 */
export interface MetadataColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  /** Rows without any metadata; a row whose metadata is JSON `null` is not missing. */
  readonly missing?: MissingRows | undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** JSON text of a row, or `undefined` where it has no metadata. */
export function metadataText(column: MetadataColumn, row: number): string | undefined {
  const bytes = metadataBytes(column, row);
  return bytes === undefined ? undefined : decoder.decode(bytes);
}

/** UTF-8 JSON text of a row as a view (no copy), or `undefined` where it has no metadata. */
export function metadataBytes(column: MetadataColumn, row: number): Uint8Array | undefined {
  if (column.missing !== undefined && column.missing[row] !== 0) return undefined;
  const [start, end] = rowRange(column.offsets, row);
  return column.bytes.subarray(start, end);
}

/** Parsed metadata of a row; integers beyond 2^53 are `bigint`. `undefined` where it has none. */
export function metadataValue(column: MetadataColumn, row: number): JsonValue | undefined {
  const text = metadataText(column, row);
  return text === undefined ? undefined : parseJson(text);
}

/**
 * A column from JSON texts, one a row; `undefined` is a row without metadata.
 * @throws VecportError `invalid-argument` for text with half a surrogate pair, which UTF-8 cannot hold.
 */
export function metadataFromTexts(texts: readonly (string | undefined)[]): MetadataColumn {
  const broken = texts.findIndex((text) => text?.isWellFormed() === false);
  if (broken >= 0) throw new VecportError('invalid-argument', `The metadata of row ${broken} is not valid Unicode.`);
  const present = texts.map((text) => text ?? '');
  const bytes = encoder.encode(present.join(''));
  const offsets = new Uint32Array(texts.length + 1);
  const ascii = bytes.length === present.reduce((sum, text) => sum + text.length, 0);
  let end = 0;
  present.forEach((text, row) => {
    end += ascii ? text.length : Buffer.byteLength(text);
    offsets[row + 1] = end;
  });
  if (!texts.includes(undefined)) return { bytes, offsets };
  return { bytes, offsets, missing: Uint8Array.from(texts, (text) => (text === undefined ? 1 : 0)) };
}

/** A column in which no row has metadata. */
export function emptyMetadata(rows: number): MetadataColumn {
  return { bytes: new Uint8Array(0), offsets: new Uint32Array(rows + 1), missing: new Uint8Array(rows).fill(1) };
}
