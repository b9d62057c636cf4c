import type { Collection } from './collection.js';
import { type JsonObject, jsonObject } from './json-value.js';

/** What the server tells of a collection, in the form of the REST interface. */
export function collectionInfo(collection: Collection): JsonObject {
  return jsonObject({
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: BigInt(collection.indexedVectors()),
    points_count: BigInt(collection.size),
    segments_count: 2n,
    config: collection.config.json,
    payload_schema: payloadSchema(collection),
    update_queue: jsonObject({ length: 0n }),
  });
}

function payloadSchema(collection: Collection): JsonObject {
  return new Map(
    Array.from(collection.indexes, ([field, index]) => [
      field,
      jsonObject({
        data_type: index.type,
        params: index.params,
        points: BigInt(collection.indexedPoints(field, index)),
      }),
    ]),
  );
}
