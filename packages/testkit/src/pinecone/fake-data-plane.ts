import { compileFakeFilter } from './fake-filter.js';
import { type FakeIndex, type LaggingRead, spaceOf } from './fake-index.js';
import { answerNamespaces } from './fake-namespaces.js';
import { nearest } from './fake-query.js';
import {
  checkFakeId,
  type FakeRecord,
  parseMetadata,
  parseSparse,
  parseValues,
  printFakeRecord,
} from './fake-record.js';
import { type FakeReply, type FakeRequest, invalid, Refused, rpcError } from './fake-reply.js';
import { type FakeTokens, takePage } from './fake-tokens.js';

/** What the data plane of an index works with. */
export interface DataPlaneState {
  readonly index: FakeIndex;
  readonly tokens: FakeTokens;
  readonly negationsMatchMissing: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const MAX_REQUEST_BYTES = 2 * 2 ** 20;
const MAX_RECORDS = 1000;
const MAX_TOP_K = 10_000;

/** Answer a request to the host of an index. @throws Refused. */
export function answerDataPlane(state: DataPlaneState, request: FakeRequest): FakeReply {
  state.index.tick();
  switch (request.operation) {
    case 'upsert':
      return upsert(state, request);
    case 'fetch':
      return fetchByIds(state, request);
    case 'fetch-by-metadata':
      return fetchByMetadata(state, parseBody(request));
    case 'list':
      return listIds(state, request);
    case 'query':
      return query(state, parseBody(request));
    case 'delete':
      return deleteRecords(state, parseBody(request));
    case 'update':
      return update(state, parseBody(request));
    case 'stats':
      return stats(state, parseBody(request));
    default:
      return answerNamespaces(state, request);
  }
}

function upsert({ index }: DataPlaneState, request: FakeRequest): FakeReply {
  const bytes = Buffer.byteLength(request.body);
  if (bytes > MAX_REQUEST_BYTES) {
    throw new Refused(
      rpcError(
        400,
        11,
        `Error, message length too large: found ${bytes} bytes, the limit is: ${MAX_REQUEST_BYTES} bytes`,
      ),
    );
  }
  const { vectors, namespace } = parseBody(request);
  if (!Array.isArray(vectors) || vectors.length === 0) throw invalid('vectors must not be empty');
  if (vectors.length > MAX_RECORDS)
    throw invalid(`The request has ${vectors.length} vectors, the limit is ${MAX_RECORDS}`);
  return json({ upsertedCount: index.upsert(spaceOf(namespace), vectors) });
}

function fetchByIds({ index }: DataPlaneState, { query }: FakeRequest): FakeReply {
  const ids = query.getAll('ids');
  if (ids.length === 0) throw invalid('ids must not be empty');
  if (ids.length > MAX_RECORDS) throw invalid(`The request has ${ids.length} ids, the limit is ${MAX_RECORDS}`);
  ids.forEach(checkFakeId);
  const namespace = query.get('namespace');
  const found = [...new Set(ids)].flatMap((id) => index.get(spaceOf(namespace), id, 'fetch') ?? []);
  return recordsReply(found, namespace);
}

function fetchByMetadata(state: DataPlaneState, { namespace, filter, limit = 100, paginationToken }: Json): FakeReply {
  const holds = compileFakeFilter(filter, state.negationsMatchMissing);
  const found = visible(state, spaceOf(namespace), 'fetch').filter(({ metadata }) => holds(metadata));
  const { page, next } = takePage(state.tokens, found, ({ id }) => id, {
    limit: checkLimit(limit, MAX_TOP_K),
    token: paginationToken,
    about: `filter ${JSON.stringify(filter)} in ${spaceOf(namespace)}`,
  });
  return recordsReply(page, namespace, next);
}

function listIds(state: DataPlaneState, { query }: FakeRequest): FakeReply {
  if (state.index.spec.deployment.deployment_type === 'pod') {
    throw new Refused(rpcError(501, 12, 'List is supported only for serverless indexes'));
  }
  const namespace = query.get('namespace');
  const prefix = query.get('prefix') ?? '';
  const found = visible(state, spaceOf(namespace), 'list').filter(({ id }) => id.startsWith(prefix));
  const { page, next } = takePage(state.tokens, found, ({ id }) => id, {
    limit: checkLimit(Number(query.get('limit') ?? 100), 100),
    token: query.get('paginationToken') ?? undefined,
    about: `list ${prefix} in ${spaceOf(namespace)}`,
  });
  return json({
    vectors: page.map(({ id }) => ({ id })),
    ...(next !== undefined && { pagination: { next } }),
    namespace: namespace ?? '',
    usage: { readUnits: 1 },
  });
}

function query(state: DataPlaneState, body: Json): FakeReply {
  const { index } = state;
  const { topK, vector, sparseVector, id, filter, namespace, includeValues = false, includeMetadata = false } = body;
  if (!Number.isInteger(topK) || Number(topK) < 1 || Number(topK) > MAX_TOP_K)
    throw invalid(`topK must be between 1 and ${MAX_TOP_K}`);
  if (id !== undefined && (vector !== undefined || sparseVector !== undefined))
    throw invalid('Only one of id and vector can be given');
  const holds = filter === undefined ? () => true : compileFakeFilter(filter, state.negationsMatchMissing);
  const target = typeof id === 'string' ? index.get(spaceOf(namespace), id, 'query') : undefined;
  const matches = nearest(
    index.spec,
    visible(state, spaceOf(namespace), 'query').filter(({ metadata }) => holds(metadata)),
    {
      values: target?.values ?? (vector === undefined ? undefined : parseValues(vector)),
      sparse: target?.sparseValues ?? (sparseVector === undefined ? undefined : parseSparse(sparseVector)),
    },
    Number(topK),
  );
  const printed = matches.map(({ record, score }) =>
    printFakeRecord(record, { score, values: includeValues === true, metadata: includeMetadata === true }),
  );
  return {
    status: 200,
    body: `{"results":[],"matches":[${printed.join(',')}],"namespace":${JSON.stringify(namespace ?? '')},"usage":{"readUnits":1}}`,
  };
}

function deleteRecords(state: DataPlaneState, { ids, deleteAll, filter, namespace }: Json): FakeReply {
  const { index } = state;
  const space = spaceOf(namespace);
  if (!index.hasNamespace(space)) throw new Refused(rpcError(404, 5, 'Namespace not found'));
  if ([ids !== undefined, deleteAll === true, filter !== undefined].filter(Boolean).length !== 1) {
    throw invalid('Exactly one of ids, deleteAll and filter must be given');
  }
  if (deleteAll === true)
    index.delete(
      space,
      visible(state, space, 'fetch').map(({ id }) => id),
    );
  else if (filter !== undefined) {
    const holds = compileFakeFilter(filter, state.negationsMatchMissing);
    index.delete(
      space,
      visible(state, space, 'fetch')
        .filter(({ metadata }) => holds(metadata))
        .map(({ id }) => id),
    );
  } else {
    if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_RECORDS)
      throw invalid(`ids must be a list of 1 to ${MAX_RECORDS} ids`);
    for (const id of ids as unknown[]) checkFakeId(id);
    index.delete(space, ids as string[]);
  }
  return json({});
}

function update(
  state: DataPlaneState,
  { id, values, sparseValues, setMetadata, filter, dryRun, namespace }: Json,
): FakeReply {
  const { index } = state;
  const space = spaceOf(namespace);
  const changed = (record: FakeRecord): FakeRecord => ({
    ...record,
    ...(values !== undefined && { values: parseValues(values) }),
    ...(sparseValues !== undefined && { sparseValues: parseSparse(sparseValues) }),
    ...(setMetadata !== undefined && { metadata: parseMetadata({ ...record.metadata, ...(setMetadata as object) }) }),
  });
  if (filter !== undefined) {
    const holds = compileFakeFilter(filter, state.negationsMatchMissing);
    const found = visible(state, space, 'fetch').filter(({ metadata }) => holds(metadata));
    if (dryRun !== true) index.put(space, found.map(changed));
    return json({ matchedRecords: found.length });
  }
  checkFakeId(id);
  const record = index.get(space, id, 'fetch');
  if (record !== undefined) index.put(space, [changed(record)]);
  return json({});
}

function stats(state: DataPlaneState, { filter }: Json): FakeReply {
  const { index } = state;
  const pod = index.spec.deployment.deployment_type === 'pod';
  if (filter !== undefined && !pod)
    throw invalid('Serverless and Starter indexes do not support describing index stats with metadata filtering');
  const counts = index
    .namespaces()
    .map((name) => [name, { vectorCount: visible(state, name, 'stats').length }] as const);
  const { dimension, metric, vectorType } = index.spec;
  return json({
    namespaces: Object.fromEntries(counts.filter(([, { vectorCount }]) => vectorCount > 0)),
    ...(dimension !== undefined && { dimension }),
    indexFullness: 0,
    totalVectorCount: counts.reduce((sum, [, { vectorCount }]) => sum + vectorCount, 0),
    metric,
    vectorType,
  });
}

function visible({ index }: DataPlaneState, namespace: string, read: LaggingRead): FakeRecord[] {
  return index.all(namespace, read);
}

function recordsReply(records: readonly FakeRecord[], namespace: unknown, next?: string): FakeReply {
  const vectors = records.map(
    (record) => `${JSON.stringify(record.id)}:${printFakeRecord(record, { values: true, metadata: true })}`,
  );
  const pagination = next === undefined ? '' : `,"pagination":{"next":${JSON.stringify(next)}}`;
  return {
    status: 200,
    body: `{"vectors":{${vectors.join(',')}},"namespace":${JSON.stringify(namespace ?? '')},"usage":{"readUnits":1}${pagination}}`,
  };
}

function checkLimit(limit: unknown, most: number): number {
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > most)
    throw invalid(`limit must be between 1 and ${most}`);
  return Number(limit);
}

function parseBody({ body }: FakeRequest): Json {
  try {
    return JSON.parse(body === '' ? '{}' : body) as Json;
  } catch {
    throw invalid('The body is not JSON');
  }
}

function json(body: unknown): FakeReply {
  return { status: 200, body: JSON.stringify(body) };
}
