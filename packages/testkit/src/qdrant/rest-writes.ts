import type { Collection } from './collection.js';
import { compileFilter } from './filter.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { omitPaths, parsePath } from './payload-path.js';
import type { PointId } from './point-id.js';
import { idsMember, readPayload, readPoints, readPointVectors, requiredMember, textsMember } from './rest-body.js';
import { formatError } from './server-error.js';

/** Carries out one write and returns the number of its operation. */
export type Write = (collection: Collection, body: JsonObject) => number;

/** The writes of a batch by the names they have there; each is a route of its own as well. */
export const WRITES: Readonly<Record<string, Write>> = {
  upsert: (collection, body) => collection.upsert(readPoints(body)),
  delete: (collection, body) => collection.delete(selectedIds(collection, body)),
  set_payload: (collection, body) => {
    const added = readPayload(requiredMember(body, 'payload'));
    const at = body.get('key') ?? undefined;
    return collection.changePayload(selectedIds(collection, body), (payload) => setPayload(payload, added, at));
  },
  overwrite_payload: (collection, body) => {
    const payload = readPayload(requiredMember(body, 'payload'));
    return collection.changePayload(selectedIds(collection, body), () => payload);
  },
  delete_payload: (collection, body) => {
    const paths = textsMember(body, 'keys').map(parsePath);
    return collection.changePayload(selectedIds(collection, body), (payload) => omitPaths(payload, paths));
  },
  clear_payload: (collection, body) => collection.changePayload(selectedIds(collection, body), () => new Map()),
  update_vectors: (collection, body) => {
    const points = requiredMember(body, 'points');
    if (!isJsonArray(points)) throw formatError('invalid type: expected a sequence');
    return collection.updateVectors(points.map(readPointVectors));
  },
  delete_vectors: (collection, body) =>
    collection.deleteVectors(selectedIds(collection, body), textsMember(body, 'vector')),
};

/** Carry out the operations of a batch in their order. */
export function writeBatch(collection: Collection, operations: JsonValue): readonly number[] {
  if (!isJsonArray(operations)) throw formatError('invalid type: expected a sequence');
  return operations.map((operation) => {
    const [entry] = isJsonObject(operation) ? operation : [];
    const write = entry === undefined ? undefined : WRITES[entry[0]];
    if (entry === undefined || write === undefined || !isJsonObject(entry[1])) {
      throw formatError('data did not match any variant of untagged enum UpdateOperation');
    }
    return write(collection, entry[1]);
  });
}

/** The payload with the members of `added` set, at the top or in the object that is at `key`. */
export function setPayload(payload: JsonObject, added: JsonObject, key: JsonValue | undefined): JsonObject {
  if (key === undefined) return new Map([...payload, ...added]);
  if (typeof key !== 'string') throw formatError('invalid type: expected a json path');
  return setAt(payload, parsePath(key), added);
}

function setAt(payload: JsonObject, path: ReturnType<typeof parsePath>, added: JsonObject): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return new Map([...payload, ...added]);
  const inner = payload.get(String(step));
  return new Map([...payload, [String(step), setAt(isJsonObject(inner) ? inner : new Map(), rest, added)]]);
}

/** The ids in `points`, or those of the points that pass `filter`. */
export function selectedIds(collection: Collection, body: JsonObject): readonly PointId[] {
  if (isJsonArray(body.get('points'))) return idsMember(body, 'points');
  const filter = body.get('filter');
  if (!isJsonObject(filter)) throw formatError('data did not match any variant of untagged enum PointsSelector');
  const passes = compileFilter(filter);
  return Array.from(collection.points())
    .filter(passes)
    .map(({ id }) => id);
}
