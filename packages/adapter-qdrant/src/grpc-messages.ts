import { batchBytes, hasVector, rowRange, type VectorColumn } from '@vecport/abstractions';
import { type AllocateBytes, isInteger64, type JsonMember, JsonReader, ProtoWriter } from '@vecport/wire';
import type { ServerFilter } from './conditions.js';
import { writeFilter } from './filter-proto.js';
import type { CollectionLayout } from './layout.js';
import { writeNativePayload } from './native-payload.js';
import { isUuid, type PointId } from './point-id.js';
import type { NearestRequest, PointCall, PointToWrite, ScrollRequest, ShardKey, UpsertRequest } from './points.js';

/*
 * Requests of Qdrant's gRPC interface as bytes. Field numbers are those of points.proto, collections.proto and
 * qdrant_common.proto of Qdrant 1.13 to 1.19.
 */

/** `CountPoints`, exact. */
export function countMessage({ collection, shardKey }: PointCall, filter: ServerFilter | undefined): Uint8Array {
  const writer = new ProtoWriter().text(1, collection);
  if (filter !== undefined) writeFilter(writer, 2, filter);
  writer.bool(3, true);
  return withShard(writer, 5, shardKey).finish();
}

/** `ScrollPoints` with payload and vectors. */
export function scrollMessage(request: ScrollRequest): Uint8Array {
  const { collection, filter, from, limit, include, shardKey } = request;
  const writer = new ProtoWriter().text(1, collection);
  if (filter !== undefined) writeFilter(writer, 2, filter);
  writePointId(writer, 3, from);
  writer.varint(4, limit);
  writer.message(6, (selector) => {
    if (include === undefined) selector.bool(1, true);
    else
      selector.message(2, (fields) => {
        for (const field of include) fields.text(1, field);
      });
  });
  writer.message(7, (selector) => selector.bool(1, true));
  return withShard(writer, 9, shardKey).finish();
}

/** `GetPoints` with payload and vectors. */
export function getMessage({ collection, shardKey }: PointCall, ids: readonly PointId[]): Uint8Array {
  const writer = new ProtoWriter(ids.length * 42 + 256).text(1, collection);
  for (const id of ids) writePointId(writer, 2, id);
  writer.message(4, (selector) => selector.bool(1, true));
  writer.message(5, (selector) => selector.bool(1, true));
  return withShard(writer, 7, shardKey).finish();
}

/** `DeletePoints` by identifiers, which resolves when it is done. */
export function deleteMessage({ collection, shardKey }: PointCall, ids: readonly PointId[]): Uint8Array {
  const writer = new ProtoWriter(ids.length * 42 + 256).text(1, collection).bool(2, true);
  writer.message(3, (selector) =>
    selector.message(1, (list) => {
      for (const id of ids) writePointId(list, 1, id);
    }),
  );
  return withShard(writer, 5, shardKey).finish();
}

/** `QueryPoints` for the nearest points, with payload. */
export function nearestMessage(request: NearestRequest): Uint8Array {
  const { collection, vector, searched, filter, limit, shardKey } = request;
  const writer = new ProtoWriter().text(1, collection);
  writer.message(3, (query) =>
    query.message(1, (input) => {
      if (vector instanceof Float32Array) input.message(2, (dense) => dense.floats(1, vector));
      else if ('indices' in vector) {
        input.message(3, (sparse) => sparse.floats(1, vector.values).uint32s(2, vector.indices));
      } else {
        input.message(4, (multi) => {
          for (const row of vector) multi.message(1, (dense) => dense.floats(1, row));
        });
      }
    }),
  );
  if (searched.key !== '') writer.text(4, searched.key);
  if (filter !== undefined) writeFilter(writer, 5, filter);
  writer.varint(8, limit);
  writer.message(11, (selector) => selector.bool(1, true));
  return withShard(writer, 13, shardKey).finish();
}

/** `QueryPoints` for random points, identifiers alone. */
export function sampleMessage(
  { collection, shardKey }: PointCall,
  limit: number,
  filter: ServerFilter | undefined,
): Uint8Array {
  const writer = new ProtoWriter().text(1, collection);
  writer.message(3, (query) => query.varint(7, 0));
  if (filter !== undefined) writeFilter(writer, 5, filter);
  writer.varint(8, limit);
  writer.message(11, (selector) => selector.bool(1, false));
  return withShard(writer, 13, shardKey).finish();
}

/** What a point takes in a message besides its vectors and metadata. */
const POINT_BYTES = 128;

/** `UpsertPoints`, which resolves when they can be read. */
export function upsertMessage(
  { collection, batch, points, shardKey }: UpsertRequest,
  layout: CollectionLayout,
  allocate?: AllocateBytes,
): Uint8Array {
  const vectors = Object.entries(batch.vectors).flatMap(([name, column]) => {
    const vector = layout.byName.get(name);
    return vector === undefined ? [] : [{ key: vector.key, column }];
  });
  const pointBytes = Math.ceil(batchBytes(batch) / Math.max(1, batch.ids.length)) + POINT_BYTES;
  const room = pointBytes * points.length + 1024;
  const writer = new ProtoWriter(allocate?.(room) ?? room).text(1, collection).bool(2, true);
  for (const point of points) {
    const start = writer.begin(3, pointBytes);
    writePoint(writer, point, vectors);
    writer.close(start, pointBytes);
  }
  return withShard(writer, 5, shardKey).end();
}

interface KeyedColumn {
  readonly key: string;
  readonly column: VectorColumn;
}

function writePoint(
  struct: ProtoWriter,
  { pointId, payload, row }: PointToWrite,
  vectors: readonly KeyedColumn[],
): void {
  writePointId(struct, 1, pointId);
  if (payload instanceof Uint8Array) writeNativePayload(struct, 3, payload);
  else writePayload(struct, payload);
  const present = vectors.length === 1 && vectors[0]?.column.missing === undefined ? vectors : presentAt(vectors, row);
  const [first] = present;
  const bytes = present.reduce((sum, { column }) => sum + bytesAbout(column), 0);
  const start = struct.begin(4, bytes);
  if (first !== undefined && present.length === 1 && first.key === '') writeVector(struct, 1, first.column, row);
  else {
    struct.message(
      2,
      (named) => {
        for (const { key, column } of present) {
          named.message(1, (entry) => writeVector(entry.text(1, key), 2, column, row), bytesAbout(column));
        }
      },
      bytes,
    );
  }
  struct.close(start, bytes);
}

function presentAt(vectors: readonly KeyedColumn[], row: number): readonly KeyedColumn[] {
  return vectors.filter(({ column }) => hasVector(column, row));
}

function writePayload(struct: ProtoWriter, payload: readonly JsonMember[]): void {
  for (const { key, value } of payload) {
    struct.message(3, (entry) => {
      entry.text(1, key);
      entry.message(2, (inner) => writeValue(inner, new JsonReader(value)));
    });
  }
}

/** Bytes of a vector, where that can be said beforehand. */
function bytesAbout(column: VectorColumn): number {
  return column.kind === 'dense' ? column.dimension * 4 + 8 : 0;
}

/** A `Vector` as the value of a field. */
function writeVector(writer: ProtoWriter, field: number, column: VectorColumn, row: number): void {
  const about = bytesAbout(column);
  const vector = writer.begin(field, about);
  if (column.kind === 'dense') {
    const { dimension, values } = column;
    const dense = writer.begin(101, about);
    writer.floats(1, values.subarray(row * dimension, (row + 1) * dimension));
    writer.close(dense, about);
  } else writeRows(writer, column, row);
  writer.close(vector, about);
}

function writeRows(writer: ProtoWriter, column: Exclude<VectorColumn, { kind: 'dense' }>, row: number): void {
  const [start, end] = rowRange(column.offsets, row);
  if (column.kind === 'sparse') {
    writer.message(102, (sparse) =>
      sparse.floats(1, column.values.subarray(start, end)).uint32s(2, column.indices.subarray(start, end)),
    );
    return;
  }
  const { dimension, values } = column;
  writer.message(103, (multi) => {
    for (let at = start; at < end; at++) {
      multi.message(1, (dense) => dense.floats(1, values.subarray(at * dimension, (at + 1) * dimension)));
    }
  });
}

/** A JSON value as Qdrant's `Value`. */
function writeValue(writer: ProtoWriter, reader: JsonReader): void {
  switch (reader.peek()) {
    case 'object':
      writer.message(6, (struct) => {
        reader.enterObject();
        for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
          const name = key;
          struct.message(1, (entry) => entry.text(1, name).message(2, (inner) => writeValue(inner, reader)));
        }
      });
      return;
    case 'array':
      writer.message(7, (list) => {
        reader.enterArray();
        while (reader.nextElement()) list.message(1, (inner) => writeValue(inner, reader));
      });
      return;
    case 'string':
      writer.text(4, reader.text());
      return;
    case 'number': {
      const text = reader.numberText();
      if (isInteger64(text)) writer.int64(3, BigInt(text));
      else writer.double(2, Number(text));
      return;
    }
    case 'null':
      reader.skip();
      writer.varint(1, 0);
      return;
    default:
      writer.bool(5, reader.boolean());
  }
}

function writePointId(writer: ProtoWriter, field: number, id: PointId): void {
  writer.message(field, (inner) => {
    if (isUuid(id)) inner.text(2, id);
    else inner.uint64(1, BigInt(id));
  });
}

function withShard(writer: ProtoWriter, field: number, shardKey: ShardKey | undefined): ProtoWriter {
  if (shardKey === undefined) return writer;
  return writer.message(field, (selector) =>
    selector.message(1, (key) => {
      if (typeof shardKey === 'string') key.text(1, shardKey);
      else key.uint64(2, BigInt(shardKey));
    }),
  );
}
