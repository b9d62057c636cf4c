import type { ProtoReader } from '@vecport/wire';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from './json-value.js';
import type { PointId } from './point-id.js';
import { type ProtoSchema, readProto } from './proto-codec.js';
import { readProtoFilter } from './proto-filter.js';
import { entries, inside, messageReader, one } from './proto-message.js';
import { readProtoEntry, readProtoId } from './proto-value.js';
import { readProtoVector, readProtoVectors } from './proto-vectors.js';
import { notInFake, Refusal } from './server-error.js';
import type { PointStruct } from './stored-point.js';
import type { Vector } from './vectors.js';

/** The filter that comes next, as the REST interface has it. */
export const filterField = inside(readProtoFilter);

/** The id that comes next. */
export const idField = inside(readProtoId);

const PAYLOAD_SELECTOR: ProtoSchema = {
  1: ['enable', 'bool'],
  2: ['include', { 1: ['fields', 'text', 'list'] }],
  3: ['exclude', { 1: ['fields', 'text', 'list'] }],
};
const VECTOR_SELECTOR: ProtoSchema = { 1: ['enable', 'bool'], 2: ['include', { 1: ['names', 'text', 'list'] }] };

/** The payload selector that comes next, as the REST interface has it. */
export const payloadSelectorField = inside((reader): JsonValue => {
  const [entry] = readProto(reader, PAYLOAD_SELECTOR);
  if (entry === undefined) return false;
  const [kind, value] = entry;
  return isJsonObject(value) ? new Map([[kind, value.get('fields') ?? []]]) : value;
});

/** The vector selector that comes next, as the REST interface has it. */
export const vectorSelectorField = inside((reader): JsonValue => {
  const [entry] = readProto(reader, VECTOR_SELECTOR);
  if (entry === undefined) return false;
  const [, value] = entry;
  return isJsonObject(value) ? (value.get('names') ?? []) : value;
});

const vectorsField = inside(readProtoVectors);
const pointStruct = messageReader({
  id: one(1, idField),
  payload: entries(3, readProtoEntry),
  vectors: one(4, vectorsField),
});
const pointVectors = messageReader({ id: one(1, idField), vectors: one(2, vectorsField) });

/** A point of an upsert. @throws Refusal when it has no id or no vectors; an empty map of vectors is enough. */
export function readProtoPoint(reader: ProtoReader): PointStruct {
  const { id, vectors, payload = new Map<string, JsonValue>() } = pointStruct(reader);
  return { ...complete(id, vectors), payload };
}

/** A point's vectors in an update of vectors. */
export function readProtoPointVectors(reader: ProtoReader): Pick<PointStruct, 'id' | 'vectors'> {
  const { id, vectors } = pointVectors(reader);
  return complete(id, vectors);
}

function complete(
  id: PointId | undefined,
  vectors: PointStruct['vectors'] | undefined,
): Pick<PointStruct, 'id' | 'vectors'> {
  if (id === undefined) throw new Refusal('input', 'Empty ID is not allowed');
  if (vectors === undefined) throw new Refusal('input', 'Expected some vectors');
  return { id, vectors };
}

const pointsSelector = messageReader({
  points: one(1, (reader) => inside((list) => readProto(list, { 1: ['ids', 'id', 'list'] }))(reader).get('ids') ?? []),
  filter: one(2, filterField),
});

/** Points by their ids or by a filter, as the REST interface has them. */
export const pointsSelectorField = inside((reader): JsonObject => jsonObject({ ...pointsSelector(reader) }));

/** What a `Query` asks for: nearest to a vector or to a point. */
export const queryField = inside((reader): Vector | PointId | undefined => {
  let nearest: Vector | PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field !== 1) throw notInFake('query of that kind');
    nearest = vectorInputField(reader);
  }
  return nearest;
});

/** `VectorInput` has dense, sparse and multi-dense vectors in 2, 3 and 4; `Vector` in 101, 102 and 103. */
const QUERY_TO_VECTOR = 99;

const vectorInputField = inside((reader): Vector | PointId | undefined => {
  let input: Vector | PointId | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    input = field === 1 ? idField(reader) : readProtoVector(reader, field + QUERY_TO_VECTOR);
  }
  return input;
});
