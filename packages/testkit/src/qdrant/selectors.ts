import type { Collection } from './collection.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
import { omitPaths, parsePath, pickPaths } from './payload-path.js';
import { formatError } from './server-error.js';
import type { StoredPoint } from './stored-point.js';
import type { Vectors } from './vectors.js';

/** What of a point goes into an answer; `undefined` is what was not asked for. */
export interface PointView {
  readonly point: StoredPoint;
  readonly payload: JsonObject | undefined;
  readonly vectors: Vectors | undefined;
}

/** Makes the views of one answer. */
export type PointViewer = (point: StoredPoint) => PointView;

/** The selectors of a request, in the form of the REST interface. */
export interface Selectors {
  readonly withPayload: JsonValue | undefined;
  readonly withVector: JsonValue | undefined;
}

/** Compile the selectors of a request. @throws Refusal for what is no selector, or a vector that is not there. */
export function compileSelectors(collection: Collection, selectors: Selectors, payloadByDefault: boolean): PointViewer {
  const payload = compilePayloadSelector(selectors.withPayload ?? payloadByDefault);
  const vectors = compileVectorSelector(collection, selectors.withVector ?? false);
  return (point) => ({ point, payload: payload(point.payload), vectors: vectors(point.vectors) });
}

function compilePayloadSelector(selector: JsonValue): (payload: JsonObject) => JsonObject | undefined {
  if (typeof selector === 'boolean') return (payload) => (selector ? payload : undefined);
  const included = isJsonObject(selector) ? selector.get('include') : selector;
  const excluded = isJsonObject(selector) ? selector.get('exclude') : undefined;
  if (isJsonArray(included)) {
    const paths = included.map(readPath);
    return (payload) => pickPaths(payload, paths);
  }
  if (isJsonArray(excluded)) {
    const paths = excluded.map(readPath);
    return (payload) => omitPaths(payload, paths);
  }
  throw formatError('data did not match any variant of untagged enum WithPayloadInterface');
}

function compileVectorSelector(collection: Collection, selector: JsonValue): (vectors: Vectors) => Vectors | undefined {
  if (typeof selector === 'boolean') return (vectors) => (selector ? vectors : undefined);
  if (!isJsonArray(selector)) throw formatError('data did not match any variant of untagged enum WithVector');
  const names = new Set(selector.map(String));
  for (const name of names) collection.spec(name);
  return (vectors) => new Map(Array.from(vectors).filter(([name]) => names.has(name)));
}

function readPath(value: JsonValue): ReturnType<typeof parsePath> {
  if (typeof value !== 'string') throw formatError('invalid type: expected a json path');
  return parsePath(value);
}
