import { ProtoWriter } from '@vecport/wire';
import { secondsSince } from './front.js';
import { writeProtoId, writeProtoMap } from './proto-value.js';
import { writeProtoVectors } from './proto-vectors.js';
import type { ScrolledPoint, ScrollPage } from './scroll.js';
import type { ScoredPoint } from './search.js';
import type { PointView } from './selectors.js';

/** Write an answer; `time` is the number of the field the seconds go into. */
export function protoAnswer(started: number, time: number, write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter();
  write(writer);
  return writer.double(time, secondsSince(started)).finish();
}

/** `ScrollResponse` without its time. */
export function writeScrollPage(writer: ProtoWriter, page: ScrollPage): void {
  const { next } = page;
  if (next !== undefined) writer.message(1, (id) => writeProtoId(id, next));
  for (const row of page.points) writer.message(2, (inner) => writeRetrieved(inner, row));
}

/** `RetrievedPoint`. */
export function writeRetrieved(writer: ProtoWriter, row: ScrolledPoint): void {
  writeView(writer, row, 4);
  const { orderValue } = row;
  if (orderValue === undefined) return;
  writer.message(6, (order) => {
    if (typeof orderValue === 'bigint') order.int64(1, orderValue);
    else order.double(2, orderValue);
  });
}

/** `ScoredPoint`. */
export function writeScored(writer: ProtoWriter, result: ScoredPoint): void {
  writeView(writer, result, 6);
  if (result.score !== 0) writer.float(3, result.score);
  writer.varint(5, result.point.version);
}

/** What retrieved and scored points have in common; the vectors are in another field. */
function writeView(writer: ProtoWriter, view: PointView, vectorsField: number): void {
  writer.message(1, (id) => writeProtoId(id, view.point.id));
  if (view.payload !== undefined) writeProtoMap(writer, 2, view.payload);
  const { vectors } = view;
  if (vectors !== undefined) writer.message(vectorsField, (inner) => writeProtoVectors(inner, vectors));
}

const STATUS = { acknowledged: 1, completed: 2 } as const;

/** `UpdateResult`. */
export function writeUpdateResult(writer: ProtoWriter, operation: number, wait: boolean): void {
  writer.varint(1, operation).varint(2, wait ? STATUS.completed : STATUS.acknowledged);
}
