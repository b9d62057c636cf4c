import { isUtf8 } from 'node:buffer';
import { type BatchBuilder, builderPool, type FloatSink, JsonReader } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import type { CollectionLayout, VectorLayout } from './layout.js';
import { faceOf, splitPayload } from './metadata.js';
import { checkOrder, knownVector, type PageBounds, wrongShape } from './page-bounds.js';
import { comparePointIds, isPointId, type PointId } from './point-id.js';
import type { FoundPoint, PointPage, ScrollPage } from './points.js';

/** The answer to a scroll: `{"result":{"points":[…],"next_page_offset":…}}`. */
export function readScrollBody(body: Uint8Array, bounds: Omit<PageBounds, 'ordered'>): ScrollPage {
  let page: PointPage | undefined;
  let hasMore: boolean | undefined;
  readResult(body, (reader) =>
    eachMember(reader, (key) => {
      if (key === 'points') page = decodePoints(reader, { ...bounds, ordered: true });
      else if (key === 'next_page_offset') {
        hasMore = !reader.isNull();
        if (hasMore) readPointId(reader);
      } else reader.skip();
    }),
  );
  const points = page;
  if (points === undefined || hasMore === undefined) {
    throw corruptAnswer('The answer to a scroll has no points or no next_page_offset.');
  }
  // What ended decoding early is in the page, too.
  const last = points.reachedEnd ? bounds.to : points.pointIds.at(-1);
  return { hasMore, last, bytes: body.length, decode: () => points };
}

/** The answer to a retrieval by identifiers: `{"result":[…]}`, in any order. */
export function readRetrieveBody(body: Uint8Array, layout: CollectionLayout): PointPage {
  return readResult(body, (reader) => decodePoints(reader, { layout, ordered: false }));
}

/** The answer to a query: `{"result":{"points":[…]}}`, nearest first. */
export function readQueryBody(body: Uint8Array): readonly FoundPoint[] {
  const found: FoundPoint[] = [];
  readResult(body, (reader) =>
    eachMember(reader, (key) => {
      if (key !== 'points') {
        reader.skip();
        return;
      }
      reader.enterArray();
      while (reader.nextElement()) found.push(readFound(reader));
    }),
  );
  return found;
}

/** The answer to a count. */
export function readCountBody(body: Uint8Array): number {
  let count: number | undefined;
  readResult(body, (reader) =>
    eachMember(reader, (key) => {
      if (key === 'count') count = reader.number();
      else reader.skip();
    }),
  );
  if (count === undefined || !Number.isSafeInteger(count)) throw corruptAnswer('The answer to a count has no count.');
  return count;
}

/** What became of a write: `completed`, `acknowledged`, `wait_timeout`, … */
export function readUpdateBody(body: Uint8Array): string {
  let status = '';
  readResult(body, (reader) =>
    eachMember(reader, (key) => {
      if (key === 'status') status = reader.text();
      else reader.skip();
    }),
  );
  return status;
}

/** Read the value of `result`. The whole body is read: it must be UTF-8 and one JSON object. */
function readResult<T>(body: Uint8Array, read: (reader: JsonReader) => T): T {
  if (!isUtf8(body)) throw corruptAnswer('The answer is not UTF-8.');
  const reader = new JsonReader(body);
  let result: { readonly value: T } | undefined;
  eachMember(reader, (key) => {
    if (key === 'result') result = { value: read(reader) };
    else reader.skip();
  });
  reader.finish();
  if (result === undefined) throw corruptAnswer('The answer has no result.');
  return result.value;
}

/** Go through an object; `read` must read or skip each value. */
function eachMember(reader: JsonReader, read: (key: string) => void): void {
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) read(key);
}

function decodePoints(
  reader: JsonReader,
  { layout, to, ordered, builders = builderPool(layout.specs) }: PageBounds,
): PointPage {
  const builder = builders.take();
  const sink: FloatSink = { values: new Float32Array(1024), length: 0 };
  const pointIds: PointId[] = [];
  let reachedEnd = false;
  const begin = (id: PointId): boolean => {
    if (to !== undefined && comparePointIds(id, to) >= 0) return false;
    if (ordered) checkOrder(pointIds.at(-1), id);
    pointIds.push(id);
    builder.row(id);
    return true;
  };
  reader.enterArray();
  while (reader.nextElement()) {
    if (reachedEnd) reader.skip();
    else reachedEnd = !decodePoint(reader, { layout, builder, sink, begin });
  }
  return { batch: builder.build(), pointIds, reachedEnd, release: () => builders.give(builder) };
}

interface PageInProgress {
  readonly layout: CollectionLayout;
  readonly builder: BatchBuilder;
  readonly sink: FloatSink;
  /** Begin a row, unless the point does not belong to the page any more. */
  readonly begin: (id: PointId) => boolean;
}

/** The server says the identifier first, so that vectors go where they belong as they are read. */
function decodePoint(reader: JsonReader, { layout, builder, sink, begin }: PageInProgress): boolean {
  let id: PointId | undefined;
  let wanted = false;
  let payload: Uint8Array = NO_PAYLOAD;
  let early: Uint8Array | undefined;
  eachMember(reader, (key) => {
    if (key === 'id' && id === undefined) {
      id = readPointId(reader);
      wanted = begin(id);
    } else if (key === 'payload') payload = reader.isNull() ? NO_PAYLOAD : objectAt(reader);
    else if (key === 'vector' && !reader.isNull()) {
      if (wanted) decodeVectors(reader, layout, builder, sink);
      else early = reader.raw();
    } else if (key !== 'vector') reader.skip();
  });
  if (id === undefined) throw corruptAnswer('The answer has a point without an identifier.');
  if (!wanted) return false;
  if (early !== undefined) decodeVectors(new JsonReader(early), layout, builder, sink);
  const parts = splitPayload(payload);
  const face = faceOf(id, parts.payload, parts.reserved);
  if (face.id !== id) builder.rename(face.id);
  if (face.metadata !== undefined) builder.metadata(face.metadata);
  return true;
}

const NO_PAYLOAD = new TextEncoder().encode('{}');

function readFound(reader: JsonReader): FoundPoint {
  let pointId: PointId | undefined;
  let payload: Uint8Array = NO_PAYLOAD;
  let score: number | undefined;
  eachMember(reader, (key) => {
    if (key === 'id') pointId = readPointId(reader);
    else if (key === 'payload') payload = reader.isNull() ? NO_PAYLOAD : objectAt(reader);
    else if (key === 'score') score = reader.number();
    else reader.skip();
  });
  if (pointId === undefined || score === undefined) {
    throw corruptAnswer('The answer has a match without identifier or score.');
  }
  const parts = splitPayload(payload);
  const { id, metadata } = faceOf(pointId, parts.payload, parts.reserved);
  return { pointId, score, id, metadata };
}

function objectAt(reader: JsonReader): Uint8Array {
  if (reader.peek() !== 'object') throw corruptAnswer('The answer has a payload that is no object.');
  return reader.raw();
}

/** A vector's value: `[…]`, `[[…]]`, or vectors by name. */
function decodeVectors(reader: JsonReader, layout: CollectionLayout, builder: BatchBuilder, sink: FloatSink): void {
  if (reader.peek() === 'array') {
    decodeVector(reader, knownVector(layout, ''), builder, sink);
    return;
  }
  eachMember(reader, (key) => decodeVector(reader, knownVector(layout, key), builder, sink));
}

function decodeVector(reader: JsonReader, vector: VectorLayout, builder: BatchBuilder, sink: FloatSink): void {
  const { name, kind, dimension } = vector;
  if (kind === 'sparse') {
    decodeSparse(reader, vector, builder);
    return;
  }
  if (reader.peek() !== 'array') throw wrongShape(vector);
  if (kind === 'dense') {
    const { values, offset } = builder.dense(name);
    const place = { values, length: offset };
    // A vector that is too long writes into the place of the next one, which does not come to be.
    if (reader.floats(place) !== dimension || place.values !== values) throw wrongShape(vector);
    return;
  }
  sink.length = 0;
  let rows = 0;
  reader.enterArray();
  for (; reader.nextElement(); rows++) if (reader.floats(sink) !== dimension) throw wrongShape(vector);
  const { values, offset } = builder.multi(name, rows);
  values.set(sink.values.subarray(0, sink.length), offset);
}

function decodeSparse(reader: JsonReader, vector: VectorLayout, builder: BatchBuilder): void {
  if (reader.peek() !== 'object') throw wrongShape(vector);
  const values: FloatSink = { values: new Float32Array(64), length: 0 };
  const indices: number[] = [];
  eachMember(reader, (key) => {
    if (key === 'values') reader.floats(values);
    else if (key !== 'indices') reader.skip();
    else {
      reader.enterArray();
      while (reader.nextElement()) indices.push(readIndex(reader, vector));
    }
  });
  if (indices.length !== values.length) throw wrongShape(vector);
  builder.sparse(vector.name, Uint32Array.from(indices), values.values.subarray(0, values.length));
}

function readIndex(reader: JsonReader, vector: VectorLayout): number {
  const index = reader.number();
  if (Number.isInteger(index) && index >= 0 && index <= 0xffff_ffff) return index;
  throw wrongShape(vector);
}

function readPointId(reader: JsonReader): PointId {
  const id = reader.peek() === 'string' ? reader.text() : reader.numberText();
  if (isPointId(id)) return id;
  throw corruptAnswer(`The answer has the identifier '${id}', which Qdrant does not have.`);
}
