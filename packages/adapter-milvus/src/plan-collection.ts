import { type CollectionDescription, DEFAULT_VECTOR, type ElementType, type VectorSpec } from '@vecport/abstractions';
import type { CallConfig } from './config.js';
import type { MilvusIndex, NewCollection } from './control.js';
import { DATA_TYPE } from './data-types.js';
import { invalidArgument, notSupported } from './errors.js';
import { checkIndexParams, indexParams } from './index-params.js';
import { DEFAULT_VECTOR_FIELD, type Layout, readLayout } from './layout.js';
import { MARKER_PROPERTY, type Marker, markerText, readMarker } from './marker.js';
import { milvusMetric } from './metrics.js';
import { planFromNative } from './native.js';
import { type MilvusField, NO_FIELD } from './schema.js';
import type { ServerInfo } from './server-kind.js';
import { hasSeveralVectors, hasTenants, storeTraits } from './traits.js';

/** The primary key of collections that Vecport makes. */
const KEY_FIELD = 'id';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const TYPES: Readonly<Record<ElementType, number | undefined>> = {
  float32: DATA_TYPE.FloatVector,
  float16: DATA_TYPE.Float16Vector,
  bfloat16: DATA_TYPE.BFloat16Vector,
  int8: DATA_TYPE.Int8Vector,
  uint8: undefined,
  binary: DATA_TYPE.BinaryVector,
};

/**
 * Everything a new collection is made with.
 * @throws VecportError naming what this server has not: `invalid-argument` for a name, `not-supported` for a vector,
 * element type or metric.
 */
export function planCollection(
  description: CollectionDescription,
  server: ServerInfo,
  config: CallConfig,
): NewCollection {
  if (!NAME.test(description.name)) {
    throw invalidArgument(
      `'${description.name}' cannot be the name of a Milvus collection.`,
      'Letters, digits and underscores, at most 255, and no digit in front.',
    );
  }
  const native = planFromNative(description.native);
  if (native === undefined) return ownPlan(description, server, config);
  assertSame(description, native);
  for (const index of native.indexes) checkIndexParams(index);
  const marker = readMarker(native.schema.description, native.properties);
  return marker === undefined ? native : withMarker(native, marker, server);
}

/** The plan with the marker where this server keeps it. */
function withMarker(plan: NewCollection, marker: Marker, { kind }: ServerInfo): NewCollection {
  const text = markerText(marker);
  const { [MARKER_PROPERTY]: _, ...properties } = plan.properties;
  const drops = kind === 'lite-3';
  return {
    ...plan,
    schema: { ...plan.schema, description: drops ? '' : text },
    properties: drops ? { ...properties, [MARKER_PROPERTY]: text } : properties,
  };
}

function ownPlan(description: CollectionDescription, server: ServerInfo, config: CallConfig): NewCollection {
  const { idKinds, fields = [], embeddingModel, multiTenant = false } = description;
  const names = fieldNames(Object.keys(description.vectors));
  const specs = Object.entries(description.vectors);
  if (specs.length === 0) throw notSupported('Milvus makes no collection without a vector.');
  if (specs.length > 1 && !hasSeveralVectors(server)) {
    throw notSupported(`This Milvus (${server.version}) has one vector a collection; several came with 2.4.`);
  }
  if (multiTenant && !hasTenants(server)) throw notSupported('Milvus-lite has no partitions that could be tenants.');
  for (const [name, spec] of specs) checkSpec(name, spec, server);
  const int64 = idKinds.length > 0 && idKinds.every((kind) => kind === 'i64');
  const marker: Marker = { idKinds, fields, embeddingModel, multiTenant, vectors: names };
  const plan: NewCollection = {
    schema: {
      description: '',
      autoId: false,
      dynamic: true,
      fields: [keyField(int64), ...specs.map(([name, spec]) => vectorField(names[name] ?? name, spec))],
      functions: [],
      structs: [],
    },
    properties: {},
    shards: undefined,
    consistencyLevel: undefined,
    partitions: undefined,
    indexes: specs.map(([name, spec]): MilvusIndex => {
      const field = names[name] ?? name;
      const vector = { kind: spec.kind, binary: spec.elementType === 'binary', metric: spec.metric ?? 'cosine' };
      return { name: '', field, params: indexParams(vector, spec.index, config.index, server) };
    }),
  };
  return withMarker(plan, marker, server);
}

function checkSpec(name: string, spec: VectorSpec, server: ServerInfo): void {
  const traits = storeTraits(server);
  const { kind, dimension = 0, elementType, metric } = spec;
  const who = server.version ?? 'milvus-lite 2';
  if (kind === 'multi') {
    throw notSupported(`Milvus (${who}) has no lists of vectors that Vecport can write: '${name}' is one.`);
  }
  if (!traits.vectorKinds.includes(kind)) throw notSupported(`Milvus ${who} has no ${kind} vectors: '${name}' is one.`);
  if (!traits.elementTypes.includes(elementType) || (kind === 'sparse' && elementType !== 'float32')) {
    throw notSupported(`Milvus ${who} has no ${kind} vectors of ${elementType}: '${name}' is one.`);
  }
  if (metric === undefined) {
    throw invalidArgument(`The vector '${name}' has no metric, and Milvus makes no index without.`, 'Say the metric.');
  }
  const binary = metric === 'hamming' || metric === 'jaccard';
  if (!traits.metrics.includes(metric) || milvusMetric(metric) === undefined || binary !== (elementType === 'binary')) {
    throw notSupported(`Milvus ${who} has no ${metric} for ${elementType} vectors: '${name}' wants it.`);
  }
  if (kind === 'sparse') {
    if (metric !== 'dot') throw notSupported(`Milvus searches sparse vectors by dot, not by ${metric}.`);
    return;
  }
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > traits.maxDimension) {
    throw invalidArgument(
      `The vector '${name}' has ${dimension} dimensions; Milvus takes 1 to ${traits.maxDimension}.`,
    );
  }
  if (elementType === 'binary' && dimension % 8 !== 0) {
    throw notSupported(`The binary vector '${name}' has ${dimension} bits; Milvus takes multiples of 8.`);
  }
}

/** A field name for every vector: its own where Milvus takes it. */
function fieldNames(names: readonly string[]): Readonly<Record<string, string>> {
  const taken = new Set([KEY_FIELD]);
  const result: Record<string, string> = {};
  for (const name of names) {
    const plain = name === DEFAULT_VECTOR ? DEFAULT_VECTOR_FIELD : name;
    let field = NAME.test(plain) && plain !== '_vecport' ? plain : 'vector_1';
    for (let n = 2; taken.has(field) || (field !== name && names.includes(field)); n++) field = `vector_${n}`;
    taken.add(field);
    result[name] = field;
  }
  return result;
}

function keyField(int64: boolean): MilvusField {
  return int64
    ? { ...NO_FIELD, name: KEY_FIELD, type: DATA_TYPE.Int64, isPrimaryKey: true }
    : { ...NO_FIELD, name: KEY_FIELD, type: DATA_TYPE.VarChar, isPrimaryKey: true, params: { max_length: '65535' } };
}

function vectorField(name: string, { kind, dimension = 0, elementType }: VectorSpec): MilvusField {
  if (kind === 'sparse') return { ...NO_FIELD, name, type: DATA_TYPE.SparseFloatVector };
  const type = TYPES[elementType] ?? DATA_TYPE.FloatVector;
  return { ...NO_FIELD, name, type, params: { dim: String(dimension) } };
}

/** The native settings and the neutral words of a description must say the same. */
function assertSame(description: CollectionDescription, plan: NewCollection): void {
  const layout = layoutOf(description.name, plan);
  const named = new Map(layout.vectors.map((vector) => [vector.name, vector]));
  for (const [name, spec] of Object.entries(description.vectors)) {
    const vector = named.get(name);
    const same =
      vector?.kind === spec.kind &&
      vector.elementType === spec.elementType &&
      (spec.kind === 'sparse' || vector.dimension === spec.dimension);
    if (!same) throw invalidArgument(`The vector '${name}' is described otherwise than by the native settings.`);
  }
  if (layout.key.type === 'int64' && !description.idKinds.every((kind) => kind === 'i64')) {
    throw invalidArgument('The native settings have an Int64 key, which takes no other ids.', 'Leave native out.');
  }
}

/** How a collection will look that is made from a plan. */
function layoutOf(name: string, { schema, properties, indexes, shards, consistencyLevel }: NewCollection): Layout {
  return readLayout(
    name,
    { schema, properties, shards: shards ?? 1, consistencyLevel: consistencyLevel ?? 0 },
    indexes,
  );
}
