import type { GrpcCall, GrpcRoute } from './grpc-routes.js';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from './json-value.js';
import { readPayloadIndex } from './payload-index.js';
import { omitPaths, parsePath } from './payload-path.js';
import { protoAnswer, writeUpdateResult } from './proto-answers.js';
import { readProto } from './proto-codec.js';
import { INDEX_PARAMS } from './proto-config.js';
import { boolField, entries, inside, many, messageReader, one, textField } from './proto-message.js';
import { pointsSelectorField, readProtoPoint, readProtoPointVectors } from './proto-requests.js';
import { readProtoEntry } from './proto-value.js';
import { selectedIds, setPayload } from './rest-writes.js';

/** Every write has the collection's name in field 1 and `wait` in field 2. */
const TARGET = { name: one(1, textField), wait: one(2, boolField) };
const NO_POINTS: JsonObject = new Map();

const upsertRequest = messageReader({ ...TARGET, points: many(3, inside(readProtoPoint)) });
const selectionRequest = messageReader({ ...TARGET, selector: one(3, pointsSelectorField) });
const payloadRequest = messageReader({
  ...TARGET,
  payload: entries(3, readProtoEntry),
  selector: one(5, pointsSelectorField),
  key: one(8, textField),
});
const deletePayloadRequest = messageReader({
  ...TARGET,
  keys: many(3, textField),
  selector: one(5, pointsSelectorField),
});
const updateVectorsRequest = messageReader({ ...TARGET, points: many(3, inside(readProtoPointVectors)) });
const names = messageReader({ names: many(1, textField) });
const deleteVectorsRequest = messageReader({
  ...TARGET,
  selector: one(3, pointsSelectorField),
  vectors: one(4, inside(names)),
});
const createIndexRequest = messageReader({
  ...TARGET,
  field: one(3, textField),
  type: one(4, (reader) => reader.uint32()),
  params: one(
    5,
    inside((reader) => readProto(reader, INDEX_PARAMS)),
  ),
});
const deleteIndexRequest = messageReader({ ...TARGET, field: one(3, textField) });

/** The writing calls of the service `qdrant.Points`. */
export const WRITE_ROUTES: Readonly<Record<string, GrpcRoute>> = {
  Upsert: (call) => {
    const { name = '', wait, points = [] } = upsertRequest(call.message);
    return updated(call, wait, call.database.collection(name).upsert(points));
  },
  Delete: (call) => {
    const { name = '', wait, selector = NO_POINTS } = selectionRequest(call.message);
    const collection = call.database.collection(name);
    return updated(call, wait, collection.delete(selectedIds(collection, selector)));
  },
  SetPayload: (call) => changePayload(call, (before, added, key) => setPayload(before, added, key)),
  OverwritePayload: (call) => changePayload(call, (_before, added) => added),
  DeletePayload: (call) => {
    const { name = '', wait, keys = [], selector = NO_POINTS } = deletePayloadRequest(call.message);
    const collection = call.database.collection(name);
    const paths = keys.map(parsePath);
    const ids = selectedIds(collection, selector);
    return updated(
      call,
      wait,
      collection.changePayload(ids, (payload) => omitPaths(payload, paths)),
    );
  },
  ClearPayload: (call) => {
    const { name = '', wait, selector = NO_POINTS } = selectionRequest(call.message);
    const collection = call.database.collection(name);
    const ids = selectedIds(collection, selector);
    return updated(
      call,
      wait,
      collection.changePayload(ids, () => new Map()),
    );
  },
  UpdateVectors: (call) => {
    const { name = '', wait, points = [] } = updateVectorsRequest(call.message);
    return updated(call, wait, call.database.collection(name).updateVectors(points));
  },
  DeleteVectors: (call) => {
    const { name = '', wait, selector = NO_POINTS, vectors } = deleteVectorsRequest(call.message);
    const collection = call.database.collection(name);
    const ids = selectedIds(collection, selector);
    return updated(call, wait, collection.deleteVectors(ids, vectors?.names ?? []));
  },
  CreateFieldIndex: (call) => {
    const { name = '', wait, field = '', type = 0, params } = createIndexRequest(call.message);
    const index = readPayloadIndex(params === undefined ? (FIELD_TYPES[type] ?? '') : restIndexParams(params));
    return updated(call, wait, call.database.collection(name).createIndex(field, index));
  },
  DeleteFieldIndex: (call) => {
    const { name = '', wait, field = '' } = deleteIndexRequest(call.message);
    return updated(call, wait, call.database.collection(name).deleteIndex(field));
  },
};

const FIELD_TYPES = ['keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'];

function restIndexParams(params: JsonObject): JsonValue {
  const [entry] = params;
  if (entry === undefined) return '';
  const [type, members] = entry;
  return new Map([...jsonObject({ type }), ...(isJsonObject(members) ? members : [])]);
}

function changePayload(
  call: GrpcCall,
  change: (before: JsonObject, added: JsonObject, key: string | undefined) => JsonObject,
): Uint8Array {
  const request = payloadRequest(call.message);
  const { name = '', wait, payload = new Map<string, JsonValue>(), selector = NO_POINTS, key } = request;
  const collection = call.database.collection(name);
  const ids = selectedIds(collection, selector);
  return updated(
    call,
    wait,
    collection.changePayload(ids, (before) => change(before, payload, key)),
  );
}

/** `PointsOperationResponse`; its `usage` is there and empty. */
function updated(call: GrpcCall, wait: boolean | undefined, operation: number): Uint8Array {
  return protoAnswer(call.started, 2, (writer) =>
    writer.message(1, (inner) => writeUpdateResult(inner, operation, wait === true)).message(3, () => {}),
  );
}
