import type { CallOptions, VectorBatch } from '@vecport/abstractions';
import {
  BatchBuilder,
  type FloatSink,
  JsonReader,
  joinMetadata,
  jsonMembers,
  jsonObject,
  RESERVED_FIELD,
  retryRead,
} from '@vecport/wire';
import { providerError } from './errors.js';
import type { CollectionLayout } from './layout.js';
import type { OpenClass } from './open-class.js';
import { originalId } from './point-id.js';

/** Objects read by the REST interface, whose JSON is taken over verbatim. */
export interface RestPage {
  readonly batch: VectorBatch;
  readonly uuids: readonly string[];
}

const AT_A_TIME = 8;
const NOT_FOUND = 404;

/** Objects after a uuid, by uuid; without one from the very first on. */
export async function readRestPage(
  open: OpenClass,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  options: CallOptions,
): Promise<RestPage> {
  const query = new URLSearchParams({ class: open.layout.name, limit: String(limit), include: 'vector' });
  query.set('after', after ?? '');
  const body = await readBody(open, `/objects?${withTarget(query, open)}`, options);
  return readRestBody(body ?? Buffer.from('{}'), open);
}

/** The objects with these uuids that are there, in that order, and the places of their uuids. */
export async function readRestObjects(
  open: OpenClass,
  uuids: readonly string[],
  options: CallOptions,
): Promise<{ readonly batch: VectorBatch; readonly rows: readonly number[] }> {
  const bodies: Buffer[] = [];
  const rows: number[] = [];
  const query = withTarget(new URLSearchParams({ include: 'vector' }), open);
  for (let start = 0; start < uuids.length; start += AT_A_TIME) {
    const part = uuids.slice(start, start + AT_A_TIME);
    const found = await Promise.all(
      part.map(async (uuid) => readBody(open, `/objects/${open.layout.name}/${uuid}?${query}`, options)),
    );
    found.forEach((body, at) => {
      if (body === undefined) return;
      bodies.push(body);
      rows.push(start + at);
    });
  }
  const { batch } = readRestBody(Buffer.from(`{"objects":[${bodies.join(',')}]}`), open);
  return { batch, rows };
}

/** The body of `GET /v1/objects` as columns. */
function readRestBody(body: Uint8Array, { layout, dimensions }: Pick<OpenClass, 'layout' | 'dimensions'>): RestPage {
  const objects = objectsOf(body).map((object) => parseObject(object, layout));
  for (const { vectors } of objects) {
    for (const [name, { dimension }] of vectors)
      if (dimension > 0 && !dimensions.has(name)) dimensions.set(name, dimension);
  }
  const specs = layout.vectors.map(({ name, spec }) => {
    return [name, { kind: spec.kind, dimension: dimensions.get(name) ?? 0 }] as const;
  });
  const builder = new BatchBuilder(Object.fromEntries(specs), Math.max(1, objects.length));
  for (const object of objects) addRow(builder, object, layout, dimensions);
  return { batch: builder.build(), uuids: objects.map(({ uuid }) => uuid) };
}

interface ParsedVector {
  readonly values: Float32Array;
  readonly dimension: number;
}

interface ParsedObject {
  readonly uuid: string;
  readonly properties: Uint8Array | undefined;
  readonly created: number | undefined;
  readonly updated: number | undefined;
  readonly vectors: ReadonlyMap<string, ParsedVector>;
}

function objectsOf(body: Uint8Array): Uint8Array[] {
  const list = jsonMembers(body).find(({ key }) => key === 'objects')?.value;
  if (list === undefined) return [];
  const reader = new JsonReader(list);
  if (reader.isNull()) return [];
  const objects: Uint8Array[] = [];
  reader.enterArray();
  while (reader.nextElement()) objects.push(reader.raw());
  return objects;
}

function parseObject(bytes: Uint8Array, layout: CollectionLayout): ParsedObject {
  let uuid = '';
  let properties: Uint8Array | undefined;
  let created: number | undefined;
  let updated: number | undefined;
  const vectors = new Map<string, ParsedVector>();
  for (const { key, value } of jsonMembers(bytes)) {
    const reader = new JsonReader(value);
    if (reader.peek() === 'null') continue;
    if (key === 'id') uuid = reader.text();
    else if (key === 'properties') properties = value;
    else if (key === 'creationTimeUnix') created = reader.number();
    else if (key === 'lastUpdateTimeUnix') updated = reader.number();
    else if (key === 'vector') {
      const unnamed = layout.vectors.find((vector) => vector.unnamed);
      if (unnamed !== undefined) vectors.set(unnamed.name, parseVector(value));
    } else if (key === 'vectors') {
      for (const named of jsonMembers(value)) vectors.set(named.key, parseVector(named.value));
    }
  }
  if (uuid === '') throw providerError('Weaviate sent an object without its uuid.');
  return { uuid, properties, created, updated, vectors };
}

// A list of numbers, or a list of such lists of one length.
function parseVector(value: Uint8Array): ParsedVector {
  const reader = new JsonReader(value);
  const sink: FloatSink = { values: new Float32Array(value.length >> 1), length: 0 };
  const inner = new JsonReader(value);
  inner.enterArray();
  if (inner.peek() !== 'array') {
    const dimension = reader.floats(sink);
    return { values: sink.values.subarray(0, sink.length), dimension };
  }
  let dimension: number | undefined;
  while (inner.nextElement()) {
    const found = inner.floats(sink);
    dimension ??= found;
    if (found !== dimension) throw providerError('Weaviate sent a multi-vector of vectors that differ in length.');
  }
  return { values: sink.values.subarray(0, sink.length), dimension: dimension ?? 0 };
}

function addRow(
  builder: BatchBuilder,
  { uuid, properties, created, updated, vectors }: ParsedObject,
  layout: CollectionLayout,
  dimensions: ReadonlyMap<string, number>,
): void {
  builder.row(uuid);
  for (const [name, { values, dimension }] of vectors) {
    if (!builder.has(name) || values.length === 0) continue;
    if (dimension !== dimensions.get(name)) {
      throw providerError(
        `The object ${uuid} has a vector '${name}' of ${dimension} dimensions; the collection has ${dimensions.get(name) ?? 0}.`,
      );
    }
    const multi = layout.vectors.find((vector) => vector.name === name)?.spec.kind === 'multi';
    const place = multi ? builder.multi(name, values.length / dimension) : builder.dense(name);
    place.values.set(values, place.offset);
  }
  if (created !== undefined || updated !== undefined) builder.times(created, updated);
  addMetadata(builder, uuid, properties, layout);
}

function addMetadata(
  builder: BatchBuilder,
  uuid: string,
  properties: Uint8Array | undefined,
  layout: CollectionLayout,
): void {
  const members = properties === undefined ? [] : jsonMembers(properties);
  const names = new Set(layout.properties.map(({ name }) => name));
  const native = members.filter(({ key }) => names.has(key));
  const kept = layout.own ? members.find(({ key }) => key === RESERVED_FIELD) : undefined;
  if (kept === undefined) {
    if (native.length > 0 || layout.own) builder.metadata(jsonObject(native));
    return;
  }
  const joined = joinMetadata(Buffer.from(jsonObject(native)), new JsonReader(kept.value).text());
  if (joined.id !== undefined) builder.rename(originalId(joined.id, uuid));
  if (joined.text !== undefined) builder.metadata(joined.text);
}

async function readBody(open: OpenClass, path: string, { signal }: CallOptions): Promise<Buffer | undefined> {
  const accept = path.startsWith('/objects/') ? [NOT_FOUND] : [];
  const { status, body } = await retryRead(async () => open.connection.rest({ path, signal, accept }), { signal });
  return status === NOT_FOUND ? undefined : body;
}

function withTarget(query: URLSearchParams, { target }: OpenClass): string {
  if (target.tenant !== undefined) query.set('tenant', target.tenant);
  if (target.consistencyLevel !== undefined && query.get('class') === null) {
    query.set('consistency_level', target.consistencyLevel);
  }
  return query.toString();
}
