import {
  type CallOptions,
  type JsonValue,
  parseJson,
  type SearchMatch,
  type SearchQuery,
  type SparseVector,
} from '@vecport/abstractions';
import { floatsText, JsonReader } from '@vecport/wire';
import { invalidArgument, notSupported } from './errors.js';
import { compileFilter } from './filter.js';
import { namespaceMember } from './namespaces.js';
import { readMetadata } from './read-metadata.js';
import type { WriteTarget } from './write-records.js';

const decoder = new TextDecoder();

/**
 * The nearest points, as Pinecone's index finds them.
 * @throws VecportError `not-supported` for the sparse vector of an index that has a dense one too: Pinecone searches
 * it with the dense one only.
 */
export async function searchPoints(
  target: WriteTarget,
  query: SearchQuery,
  { signal }: CallOptions,
): Promise<readonly SearchMatch[]> {
  const filter = query.filter === undefined ? true : compileFilter(query.filter);
  const vector = vectorMember(target, query);
  if (filter === false) return [];
  const condition = filter === true ? '' : `,"filter":${JSON.stringify(filter)}`;
  const body = `{"topK":${query.topK},${vector}${condition},"includeValues":false,"includeMetadata":true${namespaceMember(target.namespace)}}`;
  const bytes = await target.host.request({ method: 'POST', path: '/query', body, signal });
  return readMatches(bytes, target.info.dense?.metric === 'euclidean');
}

function vectorMember({ info: { dense, sparse } }: WriteTarget, { vector, vectorName }: SearchQuery): string {
  const name = vectorName ?? dense?.name ?? sparse;
  if (name === dense?.name) {
    if (!(vector instanceof Float32Array)) throw invalidArgument(`'${name}' is a dense vector.`);
    return `"vector":[${floatsText(vector)}]`;
  }
  if (name !== sparse) throw invalidArgument(`The index has no vector named '${name}'.`);
  if (dense) {
    throw notSupported(
      `Pinecone does not search the sparse vector '${name}' of an index by itself.`,
      `Search '${dense.name}'.`,
    );
  }
  const { indices, values } = vector as SparseVector;
  if (indices.length === 0) throw invalidArgument('The query vector is empty, which Pinecone refuses.');
  return `"sparseVector":{"indices":[${indices.join(',')}],"values":[${floatsText(values)}]}`;
}

function readMatches(bytes: Uint8Array, euclidean: boolean): SearchMatch[] {
  const reader = new JsonReader(bytes);
  const matches: SearchMatch[] = [];
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (key !== 'matches' || reader.isNull()) {
      if (key !== 'matches') reader.skip();
      continue;
    }
    reader.enterArray();
    while (reader.nextElement()) matches.push(readMatch(reader, euclidean));
  }
  reader.finish();
  return matches;
}

function readMatch(reader: JsonReader, euclidean: boolean): SearchMatch {
  let id = '';
  let score = 0;
  let stored: Uint8Array | undefined;
  reader.enterObject();
  for (let key = reader.nextKey(); key !== undefined; key = reader.nextKey()) {
    if (reader.isNull()) continue;
    if (key === 'id') id = reader.text();
    else if (key === 'score') score = reader.number();
    else if (key === 'metadata') stored = reader.raw();
    else reader.skip();
  }
  const { text, id: own } = readMetadata(id, stored);
  const metadata: JsonValue | undefined =
    text === undefined ? undefined : parseJson(typeof text === 'string' ? text : decoder.decode(text));
  return {
    id: own ?? id,
    // Pinecone's score by euclidean is the squared distance, which rounding may make a little less than zero.
    score: euclidean ? -Math.sqrt(Math.max(0, score)) : score,
    ...(metadata !== undefined && { metadata }),
  };
}
