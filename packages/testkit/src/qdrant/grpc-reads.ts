import type { ProtoReader } from '@vecport/wire';
import { compileFilter } from './filter.js';
import type { GrpcCall, GrpcRoute } from './grpc-routes.js';
import { isJsonObject, type JsonValue } from './json-value.js';
import { protoAnswer, writeRetrieved, writeScored, writeScrollPage } from './proto-answers.js';
import { readProto } from './proto-codec.js';
import { floatField, inside, many, messageReader, one, textField, uint64Field } from './proto-message.js';
import { filterField, idField, payloadSelectorField, queryField, vectorSelectorField } from './proto-requests.js';
import { readFloats, readIndicesMessage } from './proto-vectors.js';
import { checkLimit, scroll } from './scroll.js';
import { type ScoredPoint, search } from './search.js';
import { compileSelectors } from './selectors.js';
import { notInFake } from './server-error.js';
import { sparseVector } from './vector-json.js';

/** The reading calls of the service `qdrant.Points`. */
export const READ_ROUTES: Readonly<Record<string, GrpcRoute>> = {
  Scroll: answerScroll,
  Get: answerGet,
  Count: answerCount,
  Query: (call) => answerResults(call, queryResults(call, call.message)),
  Search: (call) => answerResults(call, searchResults(call, call.message)),
  QueryBatch: (call) => answerBatch(call, queryResults),
  SearchBatch: (call) => answerBatch(call, searchResults),
};

const scrollRequest = messageReader({
  name: one(1, textField),
  filter: one(2, filterField),
  offset: one(3, idField),
  limit: one(4, uint64Field),
  withPayload: one(6, payloadSelectorField),
  withVector: one(7, vectorSelectorField),
  orderBy: one(10, inside(readOrderBy)),
});

function answerScroll(call: GrpcCall): Uint8Array {
  const { name = '', limit, offset, filter, orderBy, withPayload, withVector } = scrollRequest(call.message);
  checkLimit(limit, 'limit', 'body');
  const collection = call.database.collection(name);
  const page = call.alterPage(scroll(collection, { limit, offset, filter, orderBy, withPayload, withVector }));
  return protoAnswer(call.started, 3, (writer) => writeScrollPage(writer, page));
}

function readOrderBy(reader: ProtoReader): JsonValue {
  const order = readProto(reader, {
    1: ['key', 'text'],
    2: ['direction', ['asc', 'desc']],
    3: ['start_from', { 1: ['float', 'double'], 2: ['integer', 'i64'], 4: ['datetime', 'text'] }],
  });
  const start = order.get('start_from');
  if (isJsonObject(start)) for (const value of start.values()) order.set('start_from', value);
  return order;
}

const getRequest = messageReader({
  name: one(1, textField),
  ids: many(2, idField),
  withPayload: one(4, payloadSelectorField),
  withVector: one(5, vectorSelectorField),
});

function answerGet(call: GrpcCall): Uint8Array {
  const { name = '', ids = [], withPayload, withVector } = getRequest(call.message);
  const collection = call.database.collection(name);
  const view = compileSelectors(collection, { withPayload, withVector }, true);
  return protoAnswer(call.started, 2, (writer) => {
    for (const id of ids) {
      const point = collection.point(id);
      if (point !== undefined) writer.message(1, (inner) => writeRetrieved(inner, view(point)));
    }
  });
}

const countRequest = messageReader({ name: one(1, textField), filter: one(2, filterField) });

function answerCount(call: GrpcCall): Uint8Array {
  const { name = '', filter } = countRequest(call.message);
  const passes = compileFilter(filter);
  let count = 0;
  for (const point of call.database.collection(name).points()) if (passes(point)) count++;
  return protoAnswer(call.started, 2, (writer) =>
    writer.message(1, (inner) => (count > 0 ? inner.varint(1, count) : inner)),
  );
}

const queryRequest = messageReader({
  name: one(1, textField),
  prefetch: one(2, () => {
    throw notInFake('prefetch');
  }),
  nearest: one(3, queryField),
  using: one(4, textField),
  filter: one(5, filterField),
  scoreThreshold: one(7, floatField),
  limit: one(8, uint64Field),
  offset: one(9, uint64Field),
  withVector: one(10, vectorSelectorField),
  withPayload: one(11, payloadSelectorField),
});

function queryResults(call: GrpcCall, message: Uint8Array): readonly ScoredPoint[] {
  const { name = '', using = '', ...request } = queryRequest(message);
  checkLimit(request.limit, 'limit', 'body');
  return search(call.database.collection(name), { ...ABSENT, ...request, using });
}

/** The members of a search that may be missing. */
const ABSENT = {
  nearest: undefined,
  limit: undefined,
  offset: undefined,
  filter: undefined,
  scoreThreshold: undefined,
  withPayload: undefined,
  withVector: undefined,
};

const searchRequest = messageReader({
  name: one(1, textField),
  values: one(2, readFloats),
  filter: one(3, filterField),
  limit: one(4, uint64Field),
  withPayload: one(6, payloadSelectorField),
  scoreThreshold: one(8, floatField),
  offset: one(9, uint64Field),
  using: one(10, textField),
  withVector: one(11, vectorSelectorField),
  indices: one(15, readIndicesMessage),
});

function searchResults(call: GrpcCall, message: Uint8Array): readonly ScoredPoint[] {
  const {
    name = '',
    using = '',
    values = new Float32Array(),
    indices,
    limit = 0n,
    ...request
  } = searchRequest(message);
  checkLimit(limit, 'limit', 'body');
  const nearest = indices === undefined ? ({ kind: 'dense', values } as const) : sparseVector(indices, values);
  return search(call.database.collection(name), { ...ABSENT, ...request, nearest, using, limit });
}

function answerResults(call: GrpcCall, results: readonly ScoredPoint[]): Uint8Array {
  return protoAnswer(call.started, 2, (writer) => {
    for (const result of results) writer.message(1, (inner) => writeScored(inner, result));
  });
}

const batchRequest = messageReader({ requests: many(2, (reader) => reader.data()) });

function answerBatch(call: GrpcCall, run: (call: GrpcCall, message: Uint8Array) => readonly ScoredPoint[]): Uint8Array {
  const { requests = [] } = batchRequest(call.message);
  const batches = requests.map((message) => run(call, message));
  return protoAnswer(call.started, 2, (writer) => {
    for (const results of batches) {
      writer.message(1, (batch) => {
        for (const result of results) batch.message(1, (inner) => writeScored(inner, result));
      });
    }
  });
}
