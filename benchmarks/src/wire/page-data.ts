import { floatText, ProtoWriter } from '@vecport/wire';
import { type Metadata, metadataOf, numbers, uuidOf } from '../providers/points.js';

/** How pages are asked for: over gRPC or as JSON over HTTP. */
export type WireInterface = 'grpc' | 'http';

/** What a page server holds. */
export interface PageShape {
  readonly points: number;
  readonly dimension: number;
  readonly over: WireInterface;
}

/**
 * Every point as the answer to a scroll has it, one after the other in the order of identifiers, so that a page of any
 * size from any point on is one piece of memory that is sent as it is.
 */
export interface PageData {
  /** Ascending uuids. */
  readonly ids: readonly string[];
  /** Points with payload and vector. Of JSON a comma follows each. */
  readonly full: PointBytes;
  /** Points with their identifier alone. */
  readonly bare: PointBytes;
}

/** A server tells one identifier of so many, where pages of a drain begin. */
export const TOLD_EVERY = 100;

/** Points side by side. */
export interface PointBytes {
  readonly bytes: Buffer;
  /** Where each begins, and the end. */
  readonly offsets: Float64Array;
}

/** Different vectors and payloads, from which points are made: more than the window of any compressor holds. */
const DIFFERENT_BYTES = 16 * 2 ** 20;

/** Make the points of a server; the same ones whenever they are asked for. */
export function makePageData({ points, dimension, over }: PageShape): PageData {
  const ids = Array.from({ length: points }, (_, n) => uuidOf(numbers(n))).toSorted();
  const different = Math.min(points, Math.ceil(DIFFERENT_BYTES / (dimension * 4)));
  const contents = Array.from({ length: different }, (_, n) => contentOf(n, dimension, over));
  const encode = over === 'grpc' ? grpcPoint : jsonPoint;
  return {
    ids,
    full: joined(ids, (id, n) => encode(id, contents[n % different])),
    bare: joined(ids, (id) => encode(id, undefined)),
  };
}

/** Payload and vector as the answer has them. */
interface Content {
  readonly payload: Buffer;
  readonly vector: Buffer;
}

function contentOf(n: number, dimension: number, over: WireInterface): Content {
  const next = numbers(n);
  const metadata = metadataOf(n, next);
  const vector = unitVector(next, dimension);
  if (over === 'grpc') return { payload: grpcPayload(metadata), vector: grpcVector(vector) };
  const keys = Object.keys(metadata).toSorted();
  return {
    payload: Buffer.from(JSON.stringify(Object.fromEntries(keys.map((key) => [key, metadata[key]])))),
    vector: Buffer.from(`[${Array.from(vector, jsonFloat).join(',')}]`),
  };
}

/** As Qdrant prints a float32: the shortest digits that are read back as the same, a whole number with a fraction. */
function jsonFloat(value: number): string {
  const text = floatText(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function unitVector(next: () => number, dimension: number): Float32Array {
  // The sum of a few numbers is about as normal as embeddings are.
  const values = Float64Array.from({ length: dimension }, () => next() + next() + next() - 1.5 * 2 ** 32);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(values, (value) => value / length);
}

function joined(
  ids: readonly string[],
  encode: (id: string, n: number) => readonly Buffer[],
): { readonly bytes: Buffer; readonly offsets: Float64Array } {
  const offsets = new Float64Array(ids.length + 1);
  ids.forEach((id, n) => {
    offsets[n + 1] = (offsets[n] ?? 0) + encode(id, n).reduce((sum, { length }) => sum + length, 0);
  });
  const bytes = Buffer.allocUnsafeSlow(offsets[ids.length] ?? 0);
  ids.forEach((id, n) => {
    let at = offsets[n] ?? 0;
    for (const part of encode(id, n)) at += part.copy(bytes, at);
  });
  return { bytes, offsets };
}

function jsonPoint(id: string, content: Content | undefined): readonly Buffer[] {
  if (content === undefined) return [Buffer.from(`{"id":"${id}"},`)];
  return [
    Buffer.from(`{"id":"${id}","payload":`),
    content.payload,
    Buffer.from(',"vector":'),
    content.vector,
    Buffer.from('},'),
  ];
}

/** The field `result` of a `ScrollResponse`. */
function grpcPoint(id: string, content: Content | undefined): readonly Buffer[] {
  const own = Buffer.from(new ProtoWriter().message(1, (point) => point.text(2, id)).finish());
  const parts = content === undefined ? [own] : [own, content.payload, content.vector];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Buffer.from([0x12, ...varint(length)]), ...parts];
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** The entries of a `RetrievedPoint`'s payload, in the order of a table of hashes. */
function grpcPayload(metadata: Metadata): Buffer {
  const writer = new ProtoWriter();
  const mixed = Object.entries(metadata).toSorted(([a], [b]) => mix(a) - mix(b));
  for (const [key, value] of mixed) {
    writer.message(2, (entry) => entry.text(1, key).message(2, (inner) => grpcValue(inner, value)));
  }
  return Buffer.from(writer.finish());
}

function mix(key: string): number {
  return Array.from(key).reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), 7) % 97;
}

function grpcValue(writer: ProtoWriter, value: Metadata[string]): void {
  if (typeof value === 'string') writer.text(4, value);
  else if (typeof value === 'boolean') writer.bool(5, value);
  else if (typeof value !== 'number') {
    writer.message(7, (list) => {
      for (const element of value) list.message(1, (inner) => inner.text(4, element));
    });
  } else if (Number.isInteger(value)) writer.int64(3, BigInt(value));
  else writer.double(2, value);
}

/** The field `vectors` of a `RetrievedPoint` of Qdrant 1.18: a dense vector without a name. */
function grpcVector(values: Float32Array): Buffer {
  const writer = new ProtoWriter(values.byteLength + 64).message(4, (vectors) =>
    vectors.message(1, (vector) => vector.message(101, (dense) => dense.floats(1, values))),
  );
  return Buffer.from(writer.finish());
}
