import { collectionInfo } from './collection-info.js';
import type { Database } from './database.js';
import { parseJson } from './json-parse.js';
import type { Printable } from './json-print.js';
import { isJsonArray, isJsonObject, type JsonObject, jsonObject, textOf } from './json-value.js';
import { readPayloadIndex } from './payload-index.js';
import { readPointId } from './point-id.js';
import { requiredMember } from './rest-body.js';
import { type AlterPage, countJson, pointJson, queryJson, retrieveJson, scrollJson, searchJson } from './rest-reads.js';
import { WRITES, writeBatch } from './rest-writes.js';
import { formatError } from './server-error.js';

/** A request to the REST interface that came in whole. */
export interface RestCall {
  readonly method: string;
  /** Path without the query, decoded piece by piece. */
  readonly pieces: readonly string[];
  readonly wait: boolean;
  readonly body: Uint8Array;
  readonly alterPage: AlterPage;
}

/** The `result` of a call, `undefined` where there is no such route. */
export function answerRest(database: Database, call: RestCall): Printable | undefined {
  const [root, name, ...rest] = call.pieces;
  if (root === 'aliases' && call.method === 'GET') return aliasesJson(database);
  if (root !== 'collections') return undefined;
  if (name === undefined) return call.method === 'GET' ? listJson(database) : undefined;
  if (name === 'aliases' && call.method === 'POST') {
    database.changeAliases(bodyOf(call).get('actions'));
    return true;
  }
  if (rest.length === 0) return answerCollection(database, call, name);
  const route = `${call.method} ${rest.join('/')}`;
  if (route === 'GET exists') return jsonObject({ exists: database.exists(name) });
  if (rest[0] === 'points') return answerPoints(database, call, name, route);
  return answerSchema(database, call, name, rest);
}

function answerCollection(database: Database, call: RestCall, name: string): Printable | undefined {
  if (call.method === 'GET') return collectionInfo(database.collection(name));
  if (call.method === 'DELETE') return database.drop(name);
  if (call.method !== 'PUT') return undefined;
  database.create(name, bodyOf(call));
  return true;
}

function answerSchema(
  database: Database,
  call: RestCall,
  name: string,
  rest: readonly string[],
): Printable | undefined {
  const [what, field] = rest;
  if (what === 'aliases' && call.method === 'GET') return aliasesJson(database, name);
  if (what !== 'index') return undefined;
  const collection = database.collection(name);
  if (call.method === 'DELETE' && field !== undefined) return updated(call, collection.deleteIndex(field));
  if (call.method !== 'PUT') return undefined;
  const body = bodyOf(call);
  const index = readPayloadIndex(requiredMember(body, 'field_schema'));
  return updated(call, collection.createIndex(textOf(requiredMember(body, 'field_name')), index));
}

const WRITE_ROUTES: Readonly<Record<string, string>> = {
  'PUT points': 'upsert',
  'POST points/delete': 'delete',
  'POST points/payload': 'set_payload',
  'PUT points/payload': 'overwrite_payload',
  'POST points/payload/delete': 'delete_payload',
  'POST points/payload/clear': 'clear_payload',
  'PUT points/vectors': 'update_vectors',
  'POST points/vectors/delete': 'delete_vectors',
};

function answerPoints(database: Database, call: RestCall, name: string, route: string): Printable | undefined {
  const write = WRITES[WRITE_ROUTES[route] ?? ''];
  if (write !== undefined) {
    const body = bodyOf(call);
    return updated(call, write(database.collection(name), body));
  }
  const id = /^GET points\/([^/]+)$/.exec(route)?.[1];
  if (id !== undefined) {
    return pointJson(database.collection(name), readPointId(/^\d+$/.test(id) ? BigInt(id) : id));
  }
  const read = READ_ROUTES[route];
  return read?.(database, call, name, bodyOf(call));
}

type Read = (database: Database, call: RestCall, name: string, body: JsonObject) => Printable;

const READ_ROUTES: Readonly<Record<string, Read>> = {
  'POST points': (database, _call, name, body) => retrieveJson(database.collection(name), body),
  'POST points/scroll': (database, call, name, body) => scrollJson(database.collection(name), body, call.alterPage),
  'POST points/count': (database, _call, name, body) => countJson(database.collection(name), body),
  'POST points/query': (database, _call, name, body) => queryJson(database.collection(name), body),
  'POST points/search': (database, _call, name, body) => searchJson(database.collection(name), body),
  'POST points/query/batch': (database, _call, name, body) =>
    each(body).map((query) => queryJson(database.collection(name), query)),
  'POST points/search/batch': (database, _call, name, body) =>
    each(body).map((query) => searchJson(database.collection(name), query)),
  'POST points/batch': (database, call, name, body) =>
    writeBatch(database.collection(name), requiredMember(body, 'operations')).map((operation) =>
      updated(call, operation),
    ),
};

function each(body: JsonObject): readonly JsonObject[] {
  const searches = requiredMember(body, 'searches');
  if (!isJsonArray(searches)) throw formatError('invalid type: expected a sequence');
  return searches.filter(isJsonObject);
}

function updated(call: RestCall, operation: number): Printable {
  return jsonObject({ operation_id: BigInt(operation), status: call.wait ? 'completed' : 'acknowledged' });
}

function listJson(database: Database): Printable {
  return new Map([['collections', database.names().map((name) => jsonObject({ name }))]]);
}

function aliasesJson(database: Database, collection?: string): Printable {
  const aliases = database
    .aliases(collection)
    .map((entry) => jsonObject({ alias_name: entry.alias, collection_name: entry.collection }));
  return new Map([['aliases', aliases]]);
}

function bodyOf(call: RestCall): JsonObject {
  const body = parseJson(call.body);
  if (!isJsonObject(body)) throw formatError('invalid type: expected a map');
  return body;
}
