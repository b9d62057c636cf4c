import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type FieldType,
  type Metric,
  type VectorSpec,
} from '@vecport/abstractions';
import { indexNumber } from '@vecport/wire';
import { invalidArgument, notSupported } from './errors.js';
import { fieldPath } from './filter.js';
import { asObject, METRIC_OF_DISTANCE } from './layout.js';
import { listFieldsOf, withOwnFacts } from './own-facts.js';

/** What is asked of the server to make a collection. */
export interface CreateRequest {
  /** Body of the request that makes it. */
  readonly collection: Readonly<Record<string, unknown>>;
  /** Parameters that can be set only afterwards. */
  readonly update: Readonly<Record<string, unknown>> | undefined;
  /** Payload indexes: the field's path and the index's type or parameters. */
  readonly indexes: readonly (readonly [path: string, schema: unknown])[];
  /** What is kept in the collection's metadata cannot be lost: servers before 1.16 ignore it. */
  readonly needsMetadata: boolean;
}

const INDEX_TYPES: Readonly<Record<FieldType, string>> = {
  string: 'keyword',
  integer: 'integer',
  number: 'float',
  boolean: 'bool',
  'string[]': 'keyword',
  'integer[]': 'integer',
  'number[]': 'float',
};

const MAX_INT = 2 ** 31 - 1;

/** Parameters of `native` that creating takes under the same name. */
const SAME_NAME = ['hnsw_config', 'wal_config', 'quantization_config', 'strict_mode_config'] as const;
const PARAMS = [
  'shard_number',
  'sharding_method',
  'replication_factor',
  'write_consistency_factor',
  'on_disk_payload',
  'payload',
] as const;
const LATER = ['read_fan_out_factor', 'read_fan_out_delay_ms'] as const;

/**
 * The requests that make a collection of a description; settings in its `native` win.
 * @throws VecportError `not-supported` for what Qdrant does not have, by name; `invalid-argument` for a
 * description that does not hold together.
 */
export function createRequest(description: CollectionDescription): CreateRequest {
  const { config, schema } = readNative(description);
  const params = asObject(config['params']);
  const fields = description.fields ?? [];
  const metadata = withOwnFacts(config['metadata'], {
    embeddingModel: description.embeddingModel,
    listFields: listFieldsOf(fields),
  });
  const update = pick(params, LATER);
  return {
    collection: {
      ...vectorsRequest(description, params),
      ...pick(params, PARAMS),
      ...(description.multiTenant === true ? { sharding_method: 'custom' } : {}),
      ...pick(config, SAME_NAME),
      ...(config['optimizer_config'] === undefined
        ? {}
        : { optimizers_config: withoutNulls(config['optimizer_config']) }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    update: Object.keys(update).length === 0 ? undefined : update,
    indexes: indexRequests(description, schema),
    needsMetadata: metadata !== undefined,
  };
}

interface Native {
  readonly config: Readonly<Record<string, unknown>>;
  readonly schema: Readonly<Record<string, unknown>>;
}

function readNative({ native }: CollectionDescription): Native {
  if (native === undefined) return { config: {}, schema: {} };
  const { config, payload_schema: schema } = asObject(native);
  if (config === undefined) {
    throw invalidArgument(
      'The native settings of the description are not those of a Qdrant collection.',
      'Leave them out.',
    );
  }
  return { config: asObject(config), schema: asObject(schema) };
}

function vectorsRequest(
  { vectors }: CollectionDescription,
  params: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = Object.entries(vectors);
  for (const [name, spec] of entries) checkSpec(name, spec);
  if (params['vectors'] !== undefined || params['sparse_vectors'] !== undefined) {
    return { vectors: withoutNulls(params['vectors'] ?? {}), ...pick(params, ['sparse_vectors']) };
  }
  const sparse = entries.filter(([, { kind }]) => kind === 'sparse');
  const dense = entries.filter(([, { kind }]) => kind !== 'sparse');
  const [first] = dense;
  const unnamed = dense.length === 1 && first?.[0] === DEFAULT_VECTOR;
  return {
    vectors: unnamed
      ? denseRequest(first[1])
      : Object.fromEntries(dense.map(([name, spec]) => [name, denseRequest(spec)])),
    ...(sparse.length === 0
      ? {}
      : { sparse_vectors: Object.fromEntries(sparse.map(([name, spec]) => [name, sparseRequest(spec)])) }),
  };
}

function denseRequest({ kind, dimension, metric, elementType, index }: VectorSpec): Record<string, unknown> {
  // Numbers Qdrant refuses are those of another provider's index: the server's own are used instead.
  const m = indexNumber(index, 'm', 1, MAX_INT);
  const efConstruction = indexNumber(index, 'efConstruction', 4, MAX_INT);
  const hnsw = {
    ...(m === undefined ? {} : { m }),
    ...(efConstruction === undefined ? {} : { ef_construct: efConstruction }),
  };
  // Without links there is no graph, and every search compares all vectors.
  const settings = index?.type === 'flat' ? { m: 0 } : index?.type === 'hnsw' ? hnsw : {};
  return {
    size: dimension,
    distance: distanceOf(metric ?? 'cosine'),
    ...(elementType === 'float32' ? {} : { datatype: elementType }),
    ...(kind === 'multi' ? { multivector_config: { comparator: 'max_sim' } } : {}),
    ...(Object.keys(settings).length === 0 ? {} : { hnsw_config: settings }),
  };
}

function sparseRequest({ elementType, index }: VectorSpec): Record<string, unknown> {
  const { modifier } = index?.parameters ?? {};
  return {
    ...(elementType === 'float32' ? {} : { index: { datatype: elementType } }),
    ...(typeof modifier === 'string' ? { modifier } : {}),
  };
}

/** @throws VecportError for what a vector of Qdrant cannot be. */
function checkSpec(name: string, { kind, dimension, metric, elementType }: VectorSpec): void {
  if (elementType !== 'float32' && elementType !== 'float16' && elementType !== 'uint8') {
    throw notSupported(`Qdrant has no vectors of ${elementType} ('${name}').`, 'It has float32, float16 and uint8.');
  }
  if (metric === undefined)
    throw notSupported(`The vector '${name}' has no metric; Qdrant needs one.`, `Choose ${metricNames()}.`);
  if (kind === 'sparse') {
    if (metric !== 'dot')
      throw notSupported(`Sparse vectors of Qdrant are compared by dot, not by ${metric} ('${name}').`);
    return;
  }
  if (dimension === undefined) throw invalidArgument(`The vector '${name}' has no dimension.`);
  distanceOf(metric);
}

function distanceOf(metric: Metric): string {
  const distance = Object.entries(METRIC_OF_DISTANCE).find(([, name]) => name === metric)?.[0];
  if (distance !== undefined) return distance;
  throw notSupported(`Qdrant has no metric ${metric}.`, `It has ${metricNames()}.`);
}

function metricNames(): string {
  return Object.values(METRIC_OF_DISTANCE).join(', ');
}

function indexRequests(
  { fields = [] }: CollectionDescription,
  schema: Readonly<Record<string, unknown>>,
): [path: string, schema: unknown][] {
  const native = Object.entries(schema).map(([path, index]): [string, unknown] => {
    const { params, data_type: type } = asObject(index);
    return [path, params === undefined || params === null ? type : withoutNulls(params)];
  });
  const there = new Set(native.map(([path]) => path));
  const others = fields.map(({ name, type }): [string, unknown] => [fieldPath(name), INDEX_TYPES[type]]);
  return [...native, ...others.filter(([path]) => !there.has(path))];
}

function pick(object: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const found = names.filter((name) => object[name] !== undefined && object[name] !== null);
  return Object.fromEntries(found.map((name) => [name, withoutNulls(object[name])]));
}

/** What the server says as `null` was not set; some of it may not be asked for as `null`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]));
}
