import { ProtoReader } from '@vecport/wire';
import { collectionInfo } from './collection-info.js';
import type { Alias } from './database.js';
import type { GrpcRoute } from './grpc-routes.js';
import { isJsonArray, isJsonObject, type JsonValue, jsonObject, textOf } from './json-value.js';
import { protoAnswer } from './proto-answers.js';
import { type ProtoSchema, readProto } from './proto-codec.js';
import { CREATE_COLLECTION, createRequestFromProto, writeCollectionInfo } from './proto-config.js';

const NAMED: ProtoSchema = { 1: ['collection_name', 'text'] };
const ALIAS_ACTIONS: ProtoSchema = {
  1: [
    'actions',
    {
      1: ['create_alias', { 1: ['collection_name', 'text'], 2: ['alias_name', 'text'] }],
      2: ['rename_alias', { 1: ['old_alias_name', 'text'], 2: ['new_alias_name', 'text'] }],
      3: ['delete_alias', { 1: ['alias_name', 'text'] }],
    },
    'list',
  ],
};

/** The service `qdrant.Collections`. */
export const COLLECTION_ROUTES: Readonly<Record<string, GrpcRoute>> = {
  Get: ({ database, message, started }) => {
    const info = collectionInfo(database.collection(nameIn(message)));
    return protoAnswer(started, 2, (writer) => writer.message(1, (inner) => writeCollectionInfo(inner, info)));
  },
  List: ({ database, started }) =>
    protoAnswer(started, 2, (writer) => {
      for (const name of database.names()) writer.message(1, (inner) => inner.text(1, name));
    }),
  CollectionExists: ({ database, message, started }) => {
    const exists = database.exists(nameIn(message));
    return protoAnswer(started, 2, (writer) => writer.message(1, (inner) => (exists ? inner.bool(1, true) : inner)));
  },
  Create: ({ database, message, started }) => {
    const request = readProto(new ProtoReader(message), CREATE_COLLECTION);
    database.create(textOf(request.get('collection_name')), createRequestFromProto(request));
    return done(started, true);
  },
  Delete: ({ database, message, started }) => done(started, database.drop(nameIn(message))),
  UpdateAliases: ({ database, message, started }) => {
    database.changeAliases(complete(readProto(new ProtoReader(message), ALIAS_ACTIONS).get('actions') ?? []));
    return done(started, true);
  },
  ListAliases: ({ database, started }) => aliases(started, database.aliases()),
  ListCollectionAliases: ({ database, message, started }) => aliases(started, database.aliases(nameIn(message))),
};

/** `collection_name`, which is field 1 of every request. */
function nameIn(message: Uint8Array): string {
  return textOf(readProto(new ProtoReader(message), NAMED).get('collection_name'));
}

function done(started: number, result: boolean): Uint8Array {
  return protoAnswer(started, 2, (writer) => {
    if (result) writer.bool(1, true);
  });
}

function aliases(started: number, entries: readonly Alias[]): Uint8Array {
  return protoAnswer(started, 2, (writer) => {
    for (const { alias, collection } of entries) {
      writer.message(1, (inner) => inner.text(1, alias).text(2, collection));
    }
  });
}

/** Texts that were not sent are empty. */
function complete(actions: JsonValue): JsonValue {
  if (!isJsonArray(actions)) return actions;
  return actions.map((action) => {
    if (!isJsonObject(action)) return action;
    return new Map(
      Array.from(action, ([kind, value]): [string, JsonValue] => {
        const empty = jsonObject({ collection_name: '', alias_name: '', old_alias_name: '', new_alias_name: '' });
        return [kind, new Map([...empty, ...(isJsonObject(value) ? value : [])])];
      }),
    );
  });
}
