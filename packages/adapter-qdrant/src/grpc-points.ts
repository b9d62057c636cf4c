import { type BatchBuilder, type BytePool, builderPool, ProtoReader, RESERVED_FIELD } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { readPointId } from './grpc-point-id.js';
import { decodeVectors } from './grpc-vectors.js';
import type { CollectionLayout } from './layout.js';
import { faceOf } from './metadata.js';
import { checkOrder, type PageBounds } from './page-bounds.js';
import { keyBytes, PayloadPrinter } from './payload-printer.js';
import { comparePointIds, type PointId } from './point-id.js';
import type { FoundPoint, PointPage, ScrollPage } from './points.js';
import { RangeList } from './range-list.js';
import { shortLength, sizeOf } from './short-length.js';

const RESERVED = keyBytes(RESERVED_FIELD);

/** Of `RetrievedPoint` and `ScoredPoint`, and what an entry of it begins with. */
const PAYLOAD = 2;
const ENTRY = 0x12;
/** Of `RetrievedPoint`; `ScoredPoint` has another one. */
const RETRIEVED_VECTORS = 4;
/** Of `ScrollResponse`. */
const NEXT_PAGE = 1;
const SCROLLED = 2;

/** A `ScrollResponse`. Its points are decoded when somebody asks; then the message goes back to the pool. */
export function readScrollResponse(
  message: Uint8Array,
  bounds: Omit<PageBounds, 'ordered'>,
  messages?: BytePool,
): ScrollPage {
  const reader = new ProtoReader(message);
  const points = new RangeList();
  let hasMore = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === NEXT_PAGE) {
      readPointId(reader);
      hasMore = true;
    } else if (field === SCROLLED) pushRange(points, reader);
    else reader.skip();
  }
  return {
    hasMore,
    last: points.length === 0 ? undefined : idOf(reader, points),
    bytes: message.length,
    decode: () => {
      const page = decodePoints(new ProtoReader(message), points, { ...bounds, ordered: true });
      messages?.give(message);
      return page;
    },
  };
}

/** A `GetResponse`: points in any order. */
export function readGetResponse(message: Uint8Array, layout: CollectionLayout): PointPage {
  const reader = new ProtoReader(message);
  const points = new RangeList();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) pushRange(points, reader);
    else reader.skip();
  }
  return decodePoints(reader, points, { layout, ordered: false });
}

/** A `QueryResponse`: points with their scores, nearest first. */
export function readQueryResponse(message: Uint8Array): readonly FoundPoint[] {
  const reader = new ProtoReader(message);
  const printer = new PayloadPrinter();
  printer.read(message);
  const found: FoundPoint[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) found.push(readScoredPoint(reader, printer));
    else reader.skip();
  }
  return found;
}

/** A `CountResponse`. */
export function readCountResponse(message: Uint8Array): number {
  const reader = new ProtoReader(message);
  let count: number | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    // A count of zero is not written.
    count = 0;
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 1) count = reader.varint();
      else reader.skip();
    }
    reader.leave(outer);
  }
  if (count === undefined) throw corruptAnswer('The answer to a count has no count.');
  return count;
}

/** The status of a `PointsOperationResponse`: 1 acknowledged, 2 completed, 3 clock rejected, 4 wait timeout. */
export function readUpdateStatus(message: Uint8Array): number {
  const reader = new ProtoReader(message);
  let status = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.enter();
    for (let inner = reader.next(); inner !== 0; inner = reader.next()) {
      if (inner === 2) status = reader.uint32();
      else reader.skip();
    }
    reader.leave(outer);
  }
  return status;
}

function decodePoints(
  reader: ProtoReader,
  points: RangeList,
  {
    layout,
    to,
    ordered,
    builders = builderPool(layout.specs, points.length),
    printer = new PayloadPrinter(),
  }: PageBounds,
): PointPage {
  const builder = builders.take();
  const release = (): void => builders.give(builder);
  printer.read(reader.bytes);
  const pointIds: PointId[] = [];
  const target = { layout, builder };
  const vectors: PointVectors = { start: -1, end: -1 };
  for (let point = 0; point < points.length; point++) {
    const id = readPoint(reader, points.start(point), points.end(point), printer, vectors);
    if (to !== undefined && comparePointIds(id, to) >= 0)
      return { batch: builder.build(), pointIds, reachedEnd: true, release };
    if (ordered) checkOrder(pointIds.at(-1), id);
    pointIds.push(id);
    builder.row(id);
    const reserved = printer.print(RESERVED);
    if (reserved === undefined) builder.metadata(printer.json());
    else addFace(builder, id, printer.json().slice(), reserved);
    if (vectors.start >= 0) decodeVectors(reader, vectors.start, vectors.end, target);
  }
  return { batch: builder.build(), pointIds, reachedEnd: false, release };
}

/** Identifier and metadata of a point whose payload has the reserved field. */
function addFace(builder: BatchBuilder, pointId: PointId, payload: Uint8Array, reserved: string): void {
  const { id, metadata } = faceOf(pointId, payload, reserved);
  if (id !== pointId) builder.rename(id);
  if (metadata !== undefined) builder.metadata(metadata);
}

/** Where the vectors of a point are, -1 where it has none. */
interface PointVectors {
  start: number;
  end: number;
}

/** Find the parts of a point; gives its identifier. The printer has the entries of its payload then. */
function readPoint(
  reader: ProtoReader,
  start: number,
  end: number,
  printer: PayloadPrinter,
  vectors: PointVectors,
): PointId {
  reader.position = start;
  reader.end = end;
  printer.begin();
  vectors.start = -1;
  let id: PointId | undefined;
  for (;;) {
    readEntries(reader, printer);
    const field = reader.next();
    if (field === 0) break;
    if (field === 1) id = readPointId(reader);
    else if (field === PAYLOAD) readEntry(reader, printer);
    else if (field === RETRIEVED_VECTORS) {
      const length = reader.skipData();
      vectors.end = reader.position;
      vectors.start = vectors.end - length;
    } else reader.skip();
  }
  if (id === undefined) throw withoutId();
  return id;
}

function readEntry(reader: ProtoReader, printer: PayloadPrinter): void {
  const length = reader.skipData();
  printer.entry(reader.position - length, reader.position);
}

/** The entries of a payload that follow one another and are short, as most of a point are. */
function readEntries(reader: ProtoReader, printer: PayloadPrinter): void {
  const { bytes, end } = reader;
  let at = reader.position;
  while (at < end && bytes[at] === ENTRY) {
    const length = shortLength(bytes, at + 1, end);
    const start = at + 1 + sizeOf(length);
    if (length < 0 || start + length > end) break;
    at = start + length;
    printer.entry(start, at);
  }
  reader.position = at;
}

/** The identifier of the last point. */
function idOf(reader: ProtoReader, points: RangeList): PointId {
  const last = points.length - 1;
  const outer = reader.end;
  reader.position = points.start(last);
  reader.end = points.end(last);
  let id: PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = readPointId(reader);
    else reader.skip();
  }
  reader.end = outer;
  if (id === undefined) throw withoutId();
  return id;
}

/** The place of a length-delimited field's bytes, which are skipped. */
function pushRange(list: RangeList, reader: ProtoReader): void {
  const length = reader.skipData();
  list.push(reader.position - length, reader.position);
}

function readScoredPoint(reader: ProtoReader, printer: PayloadPrinter): FoundPoint {
  const outer = reader.enter();
  printer.begin();
  let pointId: PointId | undefined;
  let score = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) pointId = readPointId(reader);
    else if (field === PAYLOAD) readEntry(reader, printer);
    else if (field === 3) score = reader.float();
    else reader.skip();
  }
  reader.leave(outer);
  if (pointId === undefined) throw withoutId();
  const reserved = printer.print(RESERVED);
  const { id, metadata } = faceOf(pointId, printer.json().slice(), reserved);
  return { pointId, score, id, metadata };
}

function withoutId(): Error {
  return corruptAnswer('The answer has a point without an identifier.');
}
