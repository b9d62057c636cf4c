import type {
  CollectionDescription,
  FieldSpec,
  FieldType,
  IdKind,
  IndexDescription,
  JsonValue,
  VectorSpec,
} from '@vecport/abstractions';
import { asObject, type CollectionLayout, denseParams, readLayout, type VectorLayout } from './layout.js';
import { readOwnFacts } from './own-facts.js';

/** The kinds of identifier a collection takes: integers and uuids as they are, all others mapped. */
export const ID_KINDS: readonly IdKind[] = Object.freeze(['u64', 'i64', 'uuid', 'string'] as const);

/** What the server says of a collection, as far as it is looked at. */
export interface CollectionInfo {
  readonly config: Readonly<Record<string, unknown>>;
  readonly payloadSchema: Readonly<Record<string, unknown>>;
}

/** What the official client gives for a collection. */
export function readCollectionInfo(info: unknown): CollectionInfo {
  const { config, payload_schema: payloadSchema } = asObject(info);
  return { config: asObject(config), payloadSchema: asObject(payloadSchema) };
}

/** The vectors of a collection. @throws VecportError `not-supported`, see `readLayout`. */
export function layoutOf({ config }: CollectionInfo): CollectionLayout {
  return readLayout(asObject(config['params']));
}

/** A collection in neutral words, with its settings verbatim as `native`. */
export function describeCollection(name: string, info: CollectionInfo): CollectionDescription {
  const { config } = info;
  const facts = readOwnFacts(config['metadata']);
  const fields = fieldsOf(info, new Set(facts.listFields));
  return {
    name,
    vectors: Object.fromEntries(layoutOf(info).vectors.map((vector) => [vector.name, specOf(vector, config)])),
    idKinds: [...ID_KINDS],
    ...(fields.length === 0 ? {} : { fields }),
    ...(facts.embeddingModel === undefined ? {} : { embeddingModel: facts.embeddingModel }),
    ...(hasShardKeys(info) ? { multiTenant: true } : {}),
    native: { config: sorted(config), payload_schema: schemaWithoutCounts(info) },
  };
}

/** Whether points are in shards with keys of one's own. */
export function hasShardKeys({ config }: CollectionInfo): boolean {
  return asObject(config['params'])['sharding_method'] === 'custom';
}

/** Whether an answer may come from a replica that a write has not reached yet. */
export function hasLaggingReplicas({ config }: CollectionInfo): boolean {
  const { replication_factor: replicas, write_consistency_factor: written } = asObject(config['params']);
  return Number(replicas ?? 1) > Number(written ?? 1);
}

function specOf(vector: VectorLayout, config: Readonly<Record<string, unknown>>): VectorSpec {
  const { kind, dimension, elementType, metric, normalized } = vector;
  return {
    kind,
    ...(kind === 'sparse' ? {} : { dimension }),
    elementType,
    metric,
    ...(normalized ? { normalized } : {}),
    index: kind === 'sparse' ? sparseIndex(vector, config) : denseIndex(vector, config),
  };
}

function denseIndex({ key }: VectorLayout, config: Readonly<Record<string, unknown>>): IndexDescription {
  const own = denseParams(asObject(config['params'])['vectors']).find(([name]) => name === key)?.[1] ?? {};
  const hnsw = { ...asObject(config['hnsw_config']), ...present(asObject(own['hnsw_config'])) };
  const quantization = Object.keys(asObject(own['quantization_config'] ?? config['quantization_config']))[0];
  const onDisk = own['on_disk'];
  const kept = {
    ...(quantization === undefined ? {} : { quantization }),
    ...(typeof onDisk === 'boolean' ? { onDisk } : {}),
  };
  // A graph without links is none: Qdrant then compares all vectors. Elsewhere an HNSW of zero links is no index at all.
  if (hnsw['m'] === 0) return { type: 'flat', ...(Object.keys(kept).length === 0 ? {} : { parameters: kept }) };
  return {
    type: 'hnsw',
    parameters: { ...number('m', hnsw['m']), ...number('efConstruction', hnsw['ef_construct']), ...kept },
  };
}

function sparseIndex({ key }: VectorLayout, config: Readonly<Record<string, unknown>>): IndexDescription {
  const { index, modifier } = asObject(asObject(asObject(config['params'])['sparse_vectors'])[key]);
  const onDisk = asObject(index)['on_disk'];
  return {
    type: 'inverted',
    parameters: {
      ...(typeof modifier === 'string' ? { modifier } : {}),
      ...(typeof onDisk === 'boolean' ? { onDisk } : {}),
    },
  };
}

function number(name: string, value: unknown): Record<string, number> {
  return typeof value === 'number' ? { [name]: value } : {};
}

function present(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}

const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  keyword: 'string',
  uuid: 'string',
  datetime: 'string',
  text: 'string',
  integer: 'integer',
  float: 'number',
  bool: 'boolean',
};

/** Indexes over fields; those over places on earth have no neutral type and are in `native` alone. */
function fieldsOf({ payloadSchema }: CollectionInfo, lists: ReadonlySet<string>): FieldSpec[] {
  const fields = Object.entries(payloadSchema).flatMap(([path, index]) => {
    const type = FIELD_TYPES[String(asObject(index)['data_type'])];
    if (type === undefined) return [];
    const name = path.replaceAll('"', '');
    return [{ name, type: lists.has(name) ? (`${type}[]` as FieldType) : type }];
  });
  return fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Without the number of points in each index, which changes with every write. */
function schemaWithoutCounts({ payloadSchema }: CollectionInfo): JsonValue {
  const entries = Object.entries(payloadSchema).map(([path, index]) => {
    const { points: _, ...settings } = asObject(index);
    return [path, settings] as const;
  });
  return sorted(Object.fromEntries(entries));
}

/** The same with sorted keys, as the server keeps maps in no order. */
function sorted(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
