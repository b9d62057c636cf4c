import { type CollectionDescription, DEFAULT_VECTOR, type FieldSpec, type VectorSpec } from '@vecport/abstractions';
import { indexNumber, RESERVED_FIELD } from '@vecport/wire';
import { invalidArgument, notSupported } from './errors.js';
import { fieldSpecs, filterFieldsOf, mappedField } from './filter-fields.js';
import type { IndexName } from './index-name.js';
import type { IndexAnswer } from './layout.js';
import type { MappedField, MappedFields, Mapping } from './mapping.js';
import { elementOf, similarityOf } from './metrics.js';
import type { OwnMeta } from './own-meta.js';
import type { ServerInfo } from './server-info.js';
import { DEFAULT_FIELD, vectorFieldsOf } from './vector-fields.js';

/** The request that makes an index. */
export interface IndexBody {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mappings: Mapping;
  readonly aliases?: Readonly<Record<string, unknown>> | undefined;
}

const INDEX_TYPES = new Set([
  'hnsw',
  'int8_hnsw',
  'int4_hnsw',
  'bbq_hnsw',
  'flat',
  'int8_flat',
  'int4_flat',
  'bbq_flat',
  'bbq_disk',
]);

/** Settings of an index that belong to that one index and not to its like. */
const OWN_SETTINGS = ['uuid', 'creation_date', 'provided_name', 'version', 'resize', 'blocks', 'history', 'hidden'];

/**
 * The index for a description. `native` of an index of Elasticsearch is taken over, mapping and settings; vectors
 * and fields that it does not have are added. Always different: vectors are kept in `_source`, where they and
 * the metadata stay as they were written (the server's default since 9.2 rewrites both).
 * @throws VecportError `not-supported`, naming the vector or field and why it cannot be kept.
 */
export function indexBody(description: CollectionDescription, name: IndexName, server: ServerInfo): IndexBody {
  const native = nativeOf(description);
  const base = native?.mappings ?? {};
  const vectors = vectorFieldNames(description, base);
  const properties = { ...base.properties };
  for (const [vector, field] of Object.entries(vectors)) {
    const spec = description.vectors[vector];
    if (spec !== undefined && !hasPath(base.properties, field)) properties[field] = vectorMapping(vector, spec);
  }
  const withFields = addFields(properties, description.fields ?? [], new Set(Object.values(vectors)));
  const meta: OwnMeta = {
    version: 1,
    ...(name.alias !== undefined && { name: name.alias }),
    idKinds: description.idKinds,
    vectors,
    fields: description.fields ?? fieldSpecs(filterFieldsOf(base, undefined)),
    ...(description.embeddingModel !== undefined && { embeddingModel: description.embeddingModel }),
  };
  const { _source: _, ...rest } = base;
  return {
    settings: { index: settingsOf(native, server) },
    mappings: {
      dynamic: false,
      ...rest,
      _meta: { ...base._meta, vecport: meta },
      properties: { ...withFields, [RESERVED_FIELD]: reservedMapping() },
    },
    ...(name.alias !== undefined && { aliases: { [name.alias]: {} } }),
  };
}

function nativeOf({ native }: CollectionDescription): IndexAnswer | undefined {
  const isOurs = typeof native === 'object' && native !== null && !Array.isArray(native) && 'mappings' in native;
  return isOurs ? native : undefined;
}

// Text that is kept and not looked at, and the names of fields that `exists` must find although nothing is indexed.
function reservedMapping(): MappedField {
  return {
    type: 'object',
    dynamic: false,
    properties: {
      text: { type: 'keyword', index: false, doc_values: false },
      present: { type: 'keyword' },
    },
  };
}

function settingsOf(native: IndexAnswer | undefined, { excludesVectors }: ServerInfo): Record<string, unknown> {
  const settings: Record<string, unknown> = { ...(native?.settings?.index as Record<string, unknown> | undefined) };
  for (const key of OWN_SETTINGS) delete settings[key];
  const { exclude_source_vectors: _, source: __, ...mapping } = (settings['mapping'] ?? {}) as Record<string, unknown>;
  delete settings['mapping'];
  return {
    ...settings,
    mapping: { ...mapping, ...(excludesVectors && { exclude_source_vectors: false }) },
  };
}

/** The field of each vector: that of the native mapping, its own name, or a made-up one where that cannot be. */
function vectorFieldNames(description: CollectionDescription, base: Mapping): Record<string, string> {
  const known = new Map(vectorFieldsOf(base, ownNames(base)).map(({ name, field }) => [name, field]));
  const taken = new Set([...known.values(), ...(description.fields ?? []).map(({ name }) => rootOf(name))]);
  const names: Record<string, string> = {};
  for (const [vector, spec] of Object.entries(description.vectors)) {
    refuseKind(vector, spec);
    const field = known.get(vector) ?? freeName(vector === DEFAULT_VECTOR ? DEFAULT_FIELD : vector, taken);
    taken.add(field);
    names[vector] = field;
  }
  return names;
}

function ownNames(base: Mapping): OwnMeta | undefined {
  const note = base._meta?.vecport as OwnMeta | undefined;
  return note?.version === 1 ? note : undefined;
}

function refuseKind(vector: string, { kind }: VectorSpec): void {
  if (kind === 'dense') return;
  throw kind === 'sparse'
    ? notSupported(
        `The vector '${vector}' is sparse: a sparse_vector of Elasticsearch takes positive weights only and rounds them.`,
        'Leave it out, or choose another target.',
      )
    : notSupported(
        `The vector '${vector}' is a list of vectors: Elasticsearch's rank_vectors need a paid licence and are not supported.`,
        'Leave it out, or choose another target.',
      );
}

// A name with a dot would be an object, one that begins with _ may be the server's own.
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const legal = /^[^\s._][^.]*$/.test(wanted) && wanted.trim() === wanted ? wanted : DEFAULT_FIELD;
  for (let at = 1; ; at++) {
    const name = at === 1 ? legal : `${legal}_${at}`;
    if (!taken.has(name)) return name;
  }
}

function vectorMapping(name: string, spec: VectorSpec): MappedField {
  const element = elementOf(name, spec);
  const dims = spec.dimension ?? 0;
  if (element === 'bit' && dims % 8 !== 0) {
    throw notSupported(`The binary vector '${name}' has ${dims} bits; Elasticsearch takes multiples of 8.`);
  }
  if (spec.index?.type === 'none') return { type: 'dense_vector', dims, element_type: element, index: false };
  const options = indexOptions(spec);
  return {
    type: 'dense_vector',
    dims,
    element_type: element,
    index: true,
    similarity: similarityOf(name, spec),
    ...(options !== undefined && { index_options: options }),
  };
}

// Another provider's kind of index, and one that vectors of this dimension cannot have, is left to the server, whose
// default fits the vectors.
function indexOptions({ index, elementType, dimension = 0 }: VectorSpec): Record<string, unknown> | undefined {
  if (index === undefined || !INDEX_TYPES.has(index.type)) return undefined;
  const quantised = index.type.includes('_');
  if (quantised && elementType !== 'float32' && elementType !== 'bfloat16') return undefined;
  const { confidenceInterval } = index.parameters ?? {};
  if (index.type.startsWith('bbq_') && dimension < 64) return undefined;
  if (index.type.startsWith('int4_') && dimension % 2 !== 0) return undefined;
  // Lucene's limits, beyond which the whole index is refused: a number of another provider's is left to the server.
  const m = indexNumber(index, 'm', 1, 512);
  const efConstruction = indexNumber(index, 'efConstruction', 1, 3200);
  const hnsw = index.type.endsWith('hnsw');
  return {
    type: index.type,
    ...(hnsw && m !== undefined && { m }),
    ...(hnsw && efConstruction !== undefined && { ef_construction: efConstruction }),
    ...(typeof confidenceInterval === 'number' && { confidence_interval: confidenceInterval }),
  };
}

function addFields(properties: MappedFields, fields: readonly FieldSpec[], vectors: ReadonlySet<string>): MappedFields {
  return fields.reduce<MappedFields>((mapped, { name, type }) => {
    const path = name.split('.');
    if (path.some((part) => part.trim() === '') || path[0]?.startsWith('_') === true || vectors.has(path[0] ?? '')) {
      throw notSupported(`The metadata field '${name}' cannot be a field of Elasticsearch's.`);
    }
    return withField(mapped, path, name, mappedField(type));
  }, properties);
}

function withField(properties: MappedFields, path: readonly string[], name: string, field: MappedField): MappedFields {
  const [key = '', ...rest] = path;
  const there = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (rest.length === 0) {
    if (there?.properties !== undefined) throw insideAndOut(name);
    return there === undefined ? { ...properties, [key]: field } : properties;
  }
  if (there !== undefined && there.properties === undefined) throw insideAndOut(name);
  return {
    ...properties,
    [key]: { dynamic: false, ...there, properties: withField(there?.properties ?? {}, rest, name, field) },
  };
}

function insideAndOut(name: string): Error {
  return invalidArgument(
    `The metadata field '${name}' is declared as a value and as an object with fields.`,
    'Declare one of them.',
  );
}

function hasPath(properties: MappedFields | undefined, path: string): boolean {
  let at: MappedFields | undefined = properties;
  let field: MappedField | undefined;
  for (const key of path.split('.')) {
    field = at !== undefined && Object.hasOwn(at, key) ? at[key] : undefined;
    at = field?.properties;
  }
  return field !== undefined;
}

function rootOf(path: string): string {
  return path.split('.')[0] ?? path;
}
