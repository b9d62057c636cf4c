import type { DataPlaneState } from './fake-data-plane.js';
import { spaceOf } from './fake-index.js';
import { isAscii } from './fake-record.js';
import { type FakeReply, type FakeRequest, invalid, Refused, rpcError } from './fake-reply.js';
import { takePage } from './fake-tokens.js';

/** Answer what is about namespaces, which serverless indexes alone have. @throws Refused. */
export function answerNamespaces(state: DataPlaneState, request: FakeRequest): FakeReply {
  const { index } = state;
  if (request.operation !== 'unknown' && index.spec.deployment.deployment_type === 'pod') {
    throw new Refused(rpcError(501, 12, 'Namespace operations are supported only for serverless indexes'));
  }
  const name = decodeURIComponent(request.path.slice('/namespaces/'.length));
  switch (request.operation) {
    case 'list-namespaces':
      return listNamespaces(state, request.query);
    case 'create-namespace':
      return createNamespace(state, request.body);
    case 'describe-namespace':
      return { status: 200, body: JSON.stringify(describe(state, existing(state, name))) };
    case 'delete-namespace':
      index.dropNamespace(existing(state, name));
      return { status: 200, body: '{}' };
    default:
      throw new Refused(rpcError(404, 5, `${request.method} ${request.path} not found`));
  }
}

function listNamespaces(state: DataPlaneState, query: URLSearchParams): FakeReply {
  const prefix = query.get('prefix') ?? '';
  const names = state.index
    .namespaces()
    .map(printed)
    .filter((name) => name.startsWith(prefix))
    .toSorted();
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('limit must be between 1 and 100');
  const { page, next } = takePage(state.tokens, names, (name) => name, {
    limit,
    token: query.get('paginationToken') ?? undefined,
    about: `namespaces ${prefix}`,
  });
  const namespaces = page.map((name) => describe(state, spaceOf(name)));
  return {
    status: 200,
    body: JSON.stringify({
      namespaces,
      ...(next !== undefined && { pagination: { next } }),
      total_count: names.length,
    }),
  };
}

function createNamespace({ index }: DataPlaneState, body: string): FakeReply {
  const { name } = JSON.parse(body) as { name?: unknown };
  if (typeof name !== 'string' || name.length === 0 || name.length > 512 || !isAscii(name))
    throw invalid('Namespace must be 1-512 ASCII characters');
  if (name === '__default__') throw invalid("'__default__' is reserved and cannot be created");
  if (index.hasNamespace(name)) throw new Refused(rpcError(409, 6, `Namespace ${name} already exists`));
  index.addNamespace(name);
  return { status: 200, body: JSON.stringify({ name, record_count: '0' }) };
}

function existing({ index }: DataPlaneState, name: string): string {
  const space = spaceOf(name);
  if (!index.hasNamespace(space)) throw new Refused(rpcError(404, 5, 'Namespace not found'));
  return space;
}

function describe({ index }: DataPlaneState, space: string): Readonly<Record<string, unknown>> {
  return { name: printed(space), record_count: String(index.all(space, 'stats').length) };
}

function printed(space: string): string {
  return space === '' ? '__default__' : space;
}
