import type { TenantInfo } from '@vecport/abstractions';
import { JsonReader } from '@vecport/wire';
import type { IndexHost } from './client.js';
import { brokenPromise, hasCode, invalidArgument } from './errors.js';
import type { IndexStats } from './index-info.js';
import { type Page, readPage } from './page.js';
import { isStorable } from './stored-id.js';

/** How the default namespace is called. */
const DEFAULT_NAMESPACE = '__default__';

/** The namespace a tenant stands for: none for the default one, which every version of the API means by none. */
export function namespaceOf(tenant: string | undefined): string | undefined {
  return tenant === undefined || tenant === DEFAULT_NAMESPACE || tenant === '' ? undefined : tenant;
}

/** A member of a request's body, with its comma; nothing for the default namespace. */
export function namespaceMember(namespace: string | undefined): string {
  return namespace === undefined ? '' : `,"namespace":${JSON.stringify(namespace)}`;
}

/** A part of a query, with its ampersand; nothing for the default namespace. */
export function namespaceQuery(namespace: string | undefined): string {
  return namespace === undefined ? '' : `&namespace=${encodeURIComponent(namespace)}`;
}

/** What an index says of itself; its counts lag behind writes. */
export async function readStats(host: IndexHost, signal: AbortSignal | undefined, again = true): Promise<IndexStats> {
  const bytes = await host.request({ method: 'POST', path: '/describe_index_stats', body: '{}', signal, again });
  const reader = new JsonReader(bytes);
  const counts = new Map<string, number>();
  const said: { dimension?: number; metric?: string; vectorType?: string } = {};
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (reader.isNull()) continue;
    if (key === 'dimension') said.dimension = reader.number();
    else if (key === 'metric') said.metric = reader.text();
    else if (key === 'vectorType') said.vectorType = reader.text();
    else if (key === 'namespaces') readCounts(reader, counts);
    else reader.skip();
  }
  reader.finish();
  // A sparse index has no dimension; some versions say 0.
  const { dimension = 0, metric, vectorType } = said;
  return { dimension: dimension === 0 ? undefined : dimension, metric, vectorType, counts };
}

/** Points of a namespace, as far as the index counted them. */
export function countOf({ counts }: IndexStats, namespace: string | undefined): number {
  if (namespace !== undefined) return counts.get(namespace) ?? 0;
  return counts.get(DEFAULT_NAMESPACE) ?? counts.get('') ?? 0;
}

/** The namespaces of an index by name; none where there is at most the default one. */
export async function listNamespaces(
  host: IndexHost,
  pod: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly TenantInfo[]> {
  const names = new Set<string>();
  for (const name of (await readStats(host, signal)).counts.keys()) names.add(name === '' ? DEFAULT_NAMESPACE : name);
  if (!pod) for (const name of await allNames(host, signal)) names.add(name);
  names.delete('');
  if ([...names].every((name) => name === DEFAULT_NAMESPACE)) return [];
  return [...names].toSorted().map((name) => ({ name }));
}

/** Whether an index is divided: whether it has a namespace besides the default one. */
export async function hasNamespaces(host: IndexHost, pod: boolean, signal: AbortSignal | undefined): Promise<boolean> {
  if (pod) return (await listNamespaces(host, pod, signal)).length > 0;
  try {
    const { texts: names } = await readNames(host, '/namespaces?limit=2', signal);
    return names.some((name) => name !== DEFAULT_NAMESPACE);
  } catch (error) {
    // Pinecone Local has no such request.
    if (!hasCode(error, 'not-found', 'not-supported')) throw error;
    return (await listNamespaces(host, true, signal)).length > 0;
  }
}

/** Whether a serverless index has this namespace. */
export async function hasNamespace(
  host: IndexHost,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await host.request({ method: 'GET', path: `/namespaces/${encodeURIComponent(namespace)}`, signal });
    return true;
  } catch (error) {
    if (hasCode(error, 'not-found')) return false;
    throw error;
  }
}

/** Make a namespace of a serverless index; one that is there is left as it is. @throws VecportError for a name that cannot be one. */
export async function createNamespace(
  host: IndexHost,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!isStorable(namespace)) {
    throw invalidArgument(`'${namespace}' cannot be a namespace of Pinecone.`, 'Names have 1 to 512 ASCII characters.');
  }
  try {
    await host.request({ method: 'POST', path: '/namespaces', body: JSON.stringify({ name: namespace }), signal });
  } catch (error) {
    if (!hasCode(error, 'already-exists')) throw error;
  }
}

async function allNames(host: IndexHost, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  for (let token: string | undefined; ; ) {
    const path = `/namespaces?limit=100${token === undefined ? '' : `&paginationToken=${encodeURIComponent(token)}`}`;
    const { texts: names, next } = await readNames(host, path, signal);
    found.push(...names);
    if (next === undefined) return found;
    if (seen.has(next))
      throw brokenPromise('Pinecone lists the namespaces in a circle: a pagination token came twice.');
    seen.add(next);
    token = next;
  }
}

async function readNames(host: IndexHost, path: string, signal: AbortSignal | undefined): Promise<Page> {
  const bytes = await host.request({ method: 'GET', path, signal });
  return readPage(bytes, 'namespaces', 'name');
}

function readCounts(reader: JsonReader, counts: Map<string, number>): void {
  reader.enterObject();
  for (let name = reader.nextKey(); name !== undefined; name = reader.nextKey()) {
    let count = 0;
    reader.enterObject();
    for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
      if (key === 'vectorCount') count = reader.number();
      else reader.skip();
    }
    counts.set(name, count);
  }
}
