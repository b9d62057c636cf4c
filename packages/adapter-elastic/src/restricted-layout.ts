import { parseJson, type VecportError } from '@vecport/abstractions';
import { JsonReader, jsonMembers } from '@vecport/wire';
import { type Elastic, pathOf } from './client.js';
import { notSupported } from './errors.js';
import type { IndexLayout } from './layout.js';
import { type VectorField, vectorTree } from './vector-fields.js';

interface FieldCaps {
  readonly indices?: readonly string[];
  readonly fields?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a description of an index lacks without the privilege `view_index_metadata`. */
const HIDDEN = ['mapping', 'index settings', 'metric of the vectors', 'element type of the vectors', 'metadata fields'];

/**
 * The layout of an index for credentials that may read documents and nothing else: which fields are vectors is
 * asked of the field capabilities, their dimension of a document that has one.
 * @throws the error given, where that is refused as well.
 */
export async function restrictedLayout(
  elastic: Elastic,
  name: string,
  signal: AbortSignal | undefined,
  refused: VecportError,
): Promise<IndexLayout> {
  const query = { fields: '*', types: 'dense_vector' };
  const bytes = await elastic
    .read({ method: 'GET', path: `${pathOf(name)}/_field_caps`, query, signal })
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof Error && 'code' in error && error.code === 'forbidden') throw refused;
      throw error;
    });
  const { indices = [], fields = {} } = parseJson(bytes.toString()) as unknown as FieldCaps;
  if (indices.length > 1)
    throw notSupported(
      `'${name}' stands for ${indices.length} indices.`,
      `Read them one by one: ${indices.join(', ')}.`,
    );
  const vectors = await Promise.all(
    Object.keys(fields).map(async (field) => readVectorField(elastic, name, field, signal)),
  );
  return {
    collection: name,
    index: indices[0] ?? name,
    meta: undefined,
    // Whether Vecport made it is not known; where it did, the field must not come out as metadata.
    hasReserved: true,
    vectors,
    tree: vectorTree(vectors),
    filterFields: new Map(),
    source: 'asked',
    unreadable: undefined,
    // Not known; more than one means that no shortcut for a single shard is taken.
    shards: 2,
    native: undefined,
    notDescribed: HIDDEN,
  };
}

async function readVectorField(
  elastic: Elastic,
  index: string,
  field: string,
  signal: AbortSignal | undefined,
): Promise<VectorField> {
  const body = { size: 1, query: { exists: { field } }, _source: false, docvalue_fields: [{ field }] };
  const bytes = await elastic.read({
    method: 'POST',
    path: `${pathOf(index)}/_search`,
    body: JSON.stringify(body),
    signal,
  });
  const dimension = firstLength(bytes);
  const name = field === 'vector' ? 'default' : field;
  return {
    name,
    field,
    element: 'float',
    similarity: undefined,
    dimension,
    indexed: true,
    indexType: undefined,
    spec: { kind: 'dense', ...(dimension > 0 && { dimension }), elementType: 'float32' },
  };
}

// `hits.hits[0].fields.<name>` is a list that holds the vector, or is it.
function firstLength(bytes: Uint8Array): number {
  const [hit] = at(at(bytes, 'hits'), 'hits', true);
  if (hit === undefined) return 0;
  const fields = jsonMembers(hit).find(({ key }) => key === 'fields')?.value;
  const values = fields === undefined ? undefined : jsonMembers(fields)[0]?.value;
  if (values === undefined) return 0;
  const reader = new JsonReader(values);
  reader.enterArray();
  if (!reader.nextElement()) return 0;
  const sink = { values: new Float32Array(16), length: 0 };
  return reader.peek() === 'array' ? reader.floats(sink) : new JsonReader(values).floats(sink);
}

function at(bytes: Uint8Array, key: string): Uint8Array;
function at(bytes: Uint8Array, key: string, list: true): Uint8Array[];
function at(bytes: Uint8Array, key: string, list?: true): Uint8Array | Uint8Array[] {
  const value = jsonMembers(bytes).find((member) => member.key === key)?.value ?? new Uint8Array();
  if (list === undefined) return value;
  const reader = new JsonReader(value);
  const items: Uint8Array[] = [];
  reader.enterArray();
  while (reader.nextElement()) items.push(reader.raw());
  return items;
}
