import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { type PointId, readPointId } from './point-id.js';
import type { Selectors } from './selectors.js';
import { formatError } from './server-error.js';
import type { PointStruct } from './stored-point.js';
import { readVectors } from './vector-json.js';

/** A member that must be there. @throws Refusal in the server's words. */
export function requiredMember(body: JsonObject, name: string): JsonValue {
  const value = body.get(name);
  if (value === undefined) throw formatError(`missing field \`${name}\``);
  return value;
}

/** An unsigned integer that may be missing or null. */
export function unsignedMember(body: JsonObject, name: string): bigint | undefined {
  const value = body.get(name) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'bigint' || value < 0n) throw formatError(`invalid value of \`${name}\`, expected usize`);
  return value;
}

/** A list of texts that must be there. */
export function textsMember(body: JsonObject, name: string): readonly string[] {
  const value = requiredMember(body, name);
  if (!isJsonArray(value)) throw formatError('invalid type: expected a sequence');
  return value.map((item) => {
    if (typeof item !== 'string') throw formatError('invalid type: expected a string');
    return item;
  });
}

/** The selectors of a request; `with_vectors` is another name of `with_vector`. */
export function selectorsOf(body: JsonObject): Selectors {
  return {
    withPayload: body.get('with_payload') ?? undefined,
    withVector: body.get('with_vector') ?? body.get('with_vectors') ?? undefined,
  };
}

/** A list of ids that must be there. */
export function idsMember(body: JsonObject, name: string): readonly PointId[] {
  const value = requiredMember(body, name);
  if (!isJsonArray(value)) throw formatError('invalid type: expected a sequence');
  return value.map(readPointId);
}

/** The points of an upsert: a list of points, or lists of their parts in `batch`. */
export function readPoints(body: JsonObject): readonly PointStruct[] {
  const batch = body.get('batch');
  if (isJsonObject(batch)) return readBatch(batch);
  const points = body.get('points');
  if (!isJsonArray(points)) throw formatError('data did not match any variant of untagged enum PointInsertOperations');
  return points.map(readPoint);
}

function readPoint(value: JsonValue): PointStruct {
  if (!isJsonObject(value)) throw formatError('invalid type: expected struct PointStruct');
  const id = readPointId(requiredMember(value, 'id'));
  return { id, vectors: readVectors(requiredMember(value, 'vector')), payload: readPayload(value.get('payload')) };
}

/** A point's vectors without its payload. */
export function readPointVectors(value: JsonValue): Pick<PointStruct, 'id' | 'vectors'> {
  if (!isJsonObject(value)) throw formatError('invalid type: expected struct PointVectors');
  return { id: readPointId(requiredMember(value, 'id')), vectors: readVectors(requiredMember(value, 'vector')) };
}

/** A payload; null and none at all are an empty one. */
export function readPayload(value: JsonValue | undefined): JsonObject {
  if (value === undefined || value === null) return new Map();
  if (!isJsonObject(value)) throw formatError('invalid type: expected a map');
  return value;
}

function readBatch(batch: JsonObject): readonly PointStruct[] {
  const ids = idsMember(batch, 'ids');
  const payloads = batch.get('payloads');
  const vectors = requiredMember(batch, 'vectors');
  return ids.map((id, at) => ({
    id,
    vectors: readVectors(batchVectors(vectors, at)),
    payload: readPayload(isJsonArray(payloads) ? payloads[at] : undefined),
  }));
}

function batchVectors(vectors: JsonValue, at: number): JsonValue | undefined {
  if (isJsonArray(vectors)) return vectors[at];
  if (!isJsonObject(vectors)) throw formatError('data did not match any variant of untagged enum BatchVectorStruct');
  return new Map(Array.from(vectors, ([name, list]) => [name, (isJsonArray(list) ? list[at] : undefined) ?? null]));
}
