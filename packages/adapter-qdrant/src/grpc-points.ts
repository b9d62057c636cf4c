import { type BytePool, builderPool, ProtoReader, RESERVED_FIELD } from '@vecport/wire';
import { corruptAnswer } from './errors.js';
import { decodeVectors } from './grpc-vectors.js';
import type { CollectionLayout } from './layout.js';
import { faceOf } from './metadata.js';
import { checkOrder, type PageBounds } from './page-bounds.js';
import { keyBytes, PayloadPrinter } from './payload-printer.js';
import { comparePointIds, isPointId, isUuidAt, type PointId, UUID_LENGTH } from './point-id.js';
import type { FoundPoint, PointPage, ScrollPage } from './points.js';
import { RangeList } from './range-list.js';

const RESERVED = keyBytes(RESERVED_FIELD);

/** Field numbers of `RetrievedPoint`, which are others than those of `ScoredPoint`. */
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
  const printer = new PayloadPrinter(new ProtoReader(message));
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
  { layout, to, ordered, builders = builderPool(layout.specs, points.length) }: PageBounds,
): PointPage {
  const builder = builders.take();
  const release = (): void => builders.give(builder);
  const printer = new PayloadPrinter(new ProtoReader(reader.bytes));
  const pointIds: PointId[] = [];
  const target = { layout, builder };
  const places: PointPlaces = { payload: new RangeList(), vectors: -1, vectorsEnd: -1 };
  for (let point = 0; point < points.length; point++) {
    const id = readPoint(reader, points.start(point), points.end(point), places);
    if (to !== undefined && comparePointIds(id, to) >= 0)
      return { batch: builder.build(), pointIds, reachedEnd: true, release };
    if (ordered) checkOrder(pointIds.at(-1), id);
    pointIds.push(id);
    builder.row(id);
    const printed = printer.print(places.payload, RESERVED);
    const face = faceOf(id, printed.json, printed.excepted);
    if (face.id !== id) builder.rename(face.id);
    if (face.metadata !== undefined) builder.metadata(face.metadata);
    if (places.vectors >= 0) decodeVectors(reader, places.vectors, places.vectorsEnd, target);
  }
  return { batch: builder.build(), pointIds, reachedEnd: false, release };
}

/** Where the parts of a point are. */
interface PointPlaces {
  readonly payload: RangeList;
  /** Start and end of its vectors, -1 where it has none. */
  vectors: number;
  vectorsEnd: number;
}

/** Find the parts of a point; gives its identifier. */
function readPoint(reader: ProtoReader, start: number, end: number, places: PointPlaces): PointId {
  reader.position = start;
  reader.end = end;
  places.payload.length = 0;
  places.vectors = -1;
  let id: PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = readPointId(reader);
    else if (field === 2) pushRange(places.payload, reader);
    else if (field === RETRIEVED_VECTORS) {
      const length = reader.skipData();
      places.vectorsEnd = reader.position;
      places.vectors = places.vectorsEnd - length;
    } else reader.skip();
  }
  if (id === undefined) throw corruptAnswer('The answer has a point without an identifier.');
  return id;
}

/** The identifier of the last point. */
function idOf(reader: ProtoReader, points: RangeList): PointId {
  const last = points.length - 1;
  const places: PointPlaces = { payload: new RangeList(), vectors: -1, vectorsEnd: -1 };
  return readPoint(reader, points.start(last), points.end(last), places);
}

/** The place of a length-delimited field's bytes, which are skipped. */
function pushRange(list: RangeList, reader: ProtoReader): void {
  const length = reader.skipData();
  list.push(reader.position - length, reader.position);
}

function readScoredPoint(reader: ProtoReader, printer: PayloadPrinter): FoundPoint {
  const outer = reader.enter();
  const payload = new RangeList();
  let pointId: PointId | undefined;
  let score = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) pointId = readPointId(reader);
    else if (field === 2) pushRange(payload, reader);
    else if (field === 3) score = reader.float();
    else reader.skip();
  }
  reader.leave(outer);
  if (pointId === undefined) throw corruptAnswer('The answer has a point without an identifier.');
  const { json, excepted } = printer.print(payload, RESERVED);
  const { id, metadata } = faceOf(pointId, json.slice(), excepted);
  return { pointId, score, id, metadata };
}

/** A `PointId`: an unsigned integer or a uuid. */
function readPointId(reader: ProtoReader): PointId {
  const outer = reader.enter();
  let id: PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1 && reader.wireType === 0) id = integerId(reader);
    else if (field === 2) id = uuidId(reader);
    else reader.skip();
  }
  reader.leave(outer);
  if (id === undefined) throw noPointId('');
  return id;
}

function integerId(reader: ProtoReader): PointId {
  const small = reader.smallVarint();
  return String(small < 0 ? reader.uint64() : small);
}

function uuidId(reader: ProtoReader): PointId {
  const { position } = reader;
  const length = reader.skipData();
  const end = reader.position;
  if (length === UUID_LENGTH && isUuidAt(reader.bytes, end - length)) return reader.ascii(end - length, end);
  reader.position = position;
  const text = reader.text();
  if (!isPointId(text)) throw noPointId(text);
  return text;
}

function noPointId(text: string): Error {
  return corruptAnswer(`The answer has the identifier '${text}', which Qdrant does not have.`);
}
