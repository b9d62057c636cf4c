import { metadataBytes, type VectorBatch, type VectorId, vectorAt, type WriteFailure } from '@vecport/abstractions';
import { type AllocateBytes, jsonObject, RESERVED_FIELD } from '@vecport/wire';
import { type DocumentParts, type MetadataSplitter, metadataSplitter, oneLine } from './check-metadata.js';
import { refusedByForeign } from './foreign-document.js';
import type { IndexLayout } from './layout.js';
import { vectorText } from './vector-text.js';

/** Part of a bulk request. */
export interface BulkPart {
  /** Lines of JSON in UTF-8. */
  readonly body: Buffer;
  /** The point of each item, in order. */
  readonly ids: readonly VectorId[];
}

/** How points become requests. */
export interface BulkOptions {
  /** The server takes vectors as base64 text. */
  readonly base64: boolean;
  /** Points that cannot be written are added to it. */
  readonly failed: WriteFailure[];
  /** Where bodies go, so that memory can be used again. */
  readonly allocate: AllocateBytes;
}

/**
 * Bytes of a bulk request, about. Above 100 MB the server breaks the connection; several of a few megabytes at a
 * time keep it busier than one of ten.
 */
const PART_LENGTH = 3_000_000;
/** Room for the last document, which is asked for before it is known how long it is in UTF-8. */
const MORE = 2 ** 18;
/** Above this a document cannot be sent at all. */
const LARGEST_DOCUMENT = 90_000_000;

/** The bulk requests that write a batch, each made when it is asked for. */
export function* bulkParts(
  layout: IndexLayout,
  batch: VectorBatch,
  { base64, failed, allocate }: BulkOptions,
): Generator<BulkPart, void, undefined> {
  const split = metadataSplitter(layout);
  let body = bulkBody(allocate);
  let ids: VectorId[] = [];
  for (const [row, id] of batch.ids.entries()) {
    const document = documentOf(layout, batch, row, split, base64);
    if (typeof document !== 'string') {
      failed.push(document);
      continue;
    }
    if (body.length() + document.length > PART_LENGTH && ids.length > 0) {
      yield { body: body.bytes(), ids };
      [body, ids] = [bulkBody(allocate), []];
    }
    body.add(document);
    ids.push(id);
  }
  if (ids.length > 0) yield { body: body.bytes(), ids };
}

interface BulkBody {
  length(): number;
  add(text: string): void;
  bytes(): Buffer;
}

function bulkBody(allocate: AllocateBytes): BulkBody {
  let memory: Buffer | undefined;
  let length = 0;
  const roomFor = (more: number): Buffer => {
    if (memory !== undefined && memory.length >= length + more) return memory;
    const larger = viewOf(allocate(Math.max(PART_LENGTH + MORE, length * 2 + more)));
    memory?.copy(larger, 0, 0, length);
    memory = larger;
    return memory;
  };
  return {
    length: () => length,
    add: (text) => {
      // No character of UTF-16 takes more than three bytes.
      length += roomFor(text.length * 3).write(text, length);
    },
    bytes: () => roomFor(0).subarray(0, length),
  };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
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
