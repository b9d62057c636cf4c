import { metadataBytes, type VectorBatch, type VectorId, vectorAt, type WriteFailure } from '@vecport/abstractions';
import { jsonObject, RESERVED_FIELD } from '@vecport/wire';
import { type DocumentParts, type MetadataSplitter, metadataSplitter, oneLine } from './check-metadata.js';
import { refusedByForeign } from './foreign-document.js';
import type { IndexLayout } from './layout.js';
import { vectorText } from './vector-text.js';

/** Part of a bulk request. */
export interface BulkPart {
  /** Lines of JSON. */
  readonly body: string;
  /** The point of each item, in order. */
  readonly ids: readonly VectorId[];
}

/**
 * Characters of a bulk request, about. Above 100 MB the server breaks the connection; several of a few megabytes at a
 * time keep it busier than one of ten.
 */
const PART_LENGTH = 3_000_000;
/** Above this a document cannot be sent at all. */
const LARGEST_DOCUMENT = 90_000_000;

/**
 * The bulk requests that write a batch, each made when it is asked for. `base64`: the server takes vectors as base64
 * text. Points that cannot be written are added to `failed`.
 */
export function* bulkParts(
  layout: IndexLayout,
  batch: VectorBatch,
  base64: boolean,
  failed: WriteFailure[],
): Generator<BulkPart, void, undefined> {
  const split = metadataSplitter(layout);
  let lines: string[] = [];
  let ids: VectorId[] = [];
  let length = 0;
  for (const [row, id] of batch.ids.entries()) {
    const document = documentOf(layout, batch, row, split, base64);
    if (typeof document !== 'string') {
      failed.push(document);
      continue;
    }
    if (length + document.length > PART_LENGTH && ids.length > 0) {
      yield { body: lines.join(''), ids };
      [lines, ids, length] = [[], [], 0];
    }
    lines.push(document);
    ids.push(id);
    length += document.length;
  }
  if (ids.length > 0) yield { body: lines.join(''), ids };
}

/** The two lines of a point, or why it cannot be written. */
function documentOf(
  layout: IndexLayout,
  batch: VectorBatch,
  row: number,
  split: MetadataSplitter,
  base64: boolean,
): string | WriteFailure {
  const id = batch.ids[row] ?? '';
  const failure = (reason: string): WriteFailure => ({ id, code: 'invalid-argument', reason });
  if (!id.isWellFormed()) return failure('The identifier is not Unicode text: it holds half a surrogate pair.');
  try {
    const parts = split(metadataBytes(batch.metadata, row));
    const refused = layout.meta === undefined ? refusedByForeign(parts, layout) : undefined;
    if (refused !== undefined) return failure(refused);
    const text = `${actionOf(id, parts)}\n${sourceOf(layout, batch, row, parts, base64)}\n`;
    return text.length > LARGEST_DOCUMENT ? failure(`It is a request of ${text.length} characters.`) : text;
  } catch (error) {
    return failure(error instanceof Error ? reasonOf(error) : String(error));
  }
}

function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string'
    ? `The metadata is not JSON. ${error.reason}`
    : error.message;
}

function actionOf(id: VectorId, { routing }: DocumentParts): string {
  const place = routing === undefined ? '' : `,"routing":${JSON.stringify(routing)}`;
  return `{"index":{"_id":${JSON.stringify(id)}${place}}}`;
}

// Vectors come first, so that on reading what is left is in one piece.
function sourceOf(
  { vectors, meta }: IndexLayout,
  batch: VectorBatch,
  row: number,
  { native, reserved, present }: DocumentParts,
  base64: boolean,
): string {
  const members: string[] = [];
  for (const vector of vectors) {
    const column = Object.hasOwn(batch.vectors, vector.name) ? batch.vectors[vector.name] : undefined;
    const values = column === undefined ? undefined : vectorAt(column, row);
    if (!(values instanceof Float32Array)) continue;
    members.push(`${JSON.stringify(vector.field)}:${vectorText(vector, values, base64)}`);
  }
  if (native.length > 0) members.push(oneLine(jsonObject(native).slice(1, -1)));
  if (meta !== undefined && (reserved !== undefined || present.length > 0)) {
    const parts = { ...(reserved !== undefined && { text: reserved }), ...(present.length > 0 && { present }) };
    members.push(`${JSON.stringify(RESERVED_FIELD)}:${JSON.stringify(parts)}`);
  }
  return `{${members.join(',')}}`;
}
