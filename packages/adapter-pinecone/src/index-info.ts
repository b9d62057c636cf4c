import type { IndexModel } from '@pinecone-database/pinecone';
import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type IdKind,
  type JsonValue,
  type Metric,
  VecportError,
  type VectorSpec,
} from '@vecport/abstractions';
import { PROVIDER } from './config.js';
import { notSupported } from './errors.js';

/** An index, as far as points are stored in it. */
export interface IndexInfo {
  readonly name: string;
  readonly host: string;
  /** Absent in a sparse index. */
  readonly dense?: DenseVector | undefined;
  /** The name of the sparse vector; absent where there is none. */
  readonly sparse?: string | undefined;
  readonly idKinds: readonly IdKind[];
  readonly embeddingModel?: string | undefined;
  /** Pods cannot list their records. */
  readonly pod: boolean;
  /** The control plane's description, without what changes by itself. */
  readonly native: JsonValue;
}

/** The dense vector of an index. */
interface DenseVector {
  readonly name: string;
  readonly dimension: number;
  readonly metric: Metric;
}

/** What an index says of itself at its own host. */
export interface IndexStats {
  readonly dimension: number | undefined;
  readonly metric: string | undefined;
  readonly vectorType: string | undefined;
  /** Points by namespace. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Tags in which an index made here keeps what Pinecone has no place for. */
export const TAGS = {
  /** Says that it was made here, so that the absence of the others means something. */
  version: 'vecport',
  dense: 'vecport_vector',
  sparse: 'vecport_sparse_vector',
  idKinds: 'vecport_id_kinds',
  embeddingModel: 'vecport_embedding_model',
} as const;

/** The name of the sparse vector of an index made by others. */
const SPARSE_VECTOR = 'sparse';

const METRICS: ReadonlyMap<string, Metric> = new Map([
  ['cosine', 'cosine'],
  ['dotproduct', 'dot'],
  ['euclidean', 'euclidean'],
]);

/** Pinecone's name of a metric. @throws VecportError `not-supported` for those it has not. */
export function metricName(metric: Metric | undefined): string {
  for (const [name, known] of METRICS) if (known === (metric ?? 'cosine')) return name;
  throw notSupported(`Pinecone has no metric '${metric}'.`, 'It has cosine, dot and euclidean.');
}

/**
 * An index from the control plane's description.
 * @throws VecportError `unavailable` while it starts or ends, `not-supported` for an index of documents, whose
 * vectors only the documents API gives.
 */
export function readIndexModel(model: IndexModel): IndexInfo {
  const { name, host, status } = model;
  if (!status.ready) {
    throw new VecportError('unavailable', `The index '${name}' is not ready; its state is ${status.state}.`, {
      provider: PROVIDER,
    });
  }
  const tags = model.tags ?? {};
  const fields = Object.entries(model.schema.fields).flatMap(([key, field]) =>
    'type' in field ? [{ key, ...field }] : [],
  );
  const vectors = fields.filter(({ type }) => type === 'dense_vector' || type === 'sparse_vector');
  if (vectors.some(({ key }) => key !== '_values' && key !== '_sparse_values')) {
    throw notSupported(`'${name}' is an index of documents.`, 'Vecport reads indexes of the vectors API.');
  }
  const semantic = fields.find((field) => field.type === 'semantic_text');
  const dense =
    fields.find((field) => field.type === 'dense_vector') ?? (semantic?.dimension == null ? undefined : semantic);
  const vector =
    dense?.dimension == null ? undefined : { dimension: dense.dimension, metric: dense.metric ?? 'cosine' };
  return {
    ...vectorsOf(name, vector, tags),
    name,
    host: model.privateHost ?? host,
    idKinds: idKindsOf(tags),
    embeddingModel: semantic?.model ?? tags[TAGS.embeddingModel],
    pod: model.deployment.deploymentType === 'pod',
    native: nativeOf(model),
  };
}

/** An index of which only its host is known. @throws VecportError where the host does not say what it holds. */
export function indexFromStats(name: string, host: string, { dimension, metric, vectorType }: IndexStats): IndexInfo {
  if (dimension === undefined && vectorType !== 'sparse') {
    throw new VecportError('provider-error', `The index at ${host} does not say its dimension.`, {
      provider: PROVIDER,
    });
  }
  const vector =
    dimension === undefined || vectorType === 'sparse' ? undefined : { dimension, metric: metric ?? 'cosine' };
  return { ...vectorsOf(name, vector, {}), name, host, idKinds: ['string'], pod: false, native: null };
}

/** The index as a collection. */
export function describeIndex(info: IndexInfo, multiTenant: boolean): CollectionDescription {
  const { name, dense, sparse, idKinds, embeddingModel, native } = info;
  const vectors: Record<string, VectorSpec> = {};
  if (dense)
    vectors[dense.name] = { kind: 'dense', dimension: dense.dimension, elementType: 'float32', metric: dense.metric };
  if (sparse !== undefined) vectors[sparse] = { kind: 'sparse', elementType: 'float32', metric: 'dot' };
  return {
    name,
    vectors,
    idKinds,
    ...(embeddingModel !== undefined && { embeddingModel }),
    ...(multiTenant && { multiTenant }),
    ...(native !== null && { native }),
  };
}

function vectorsOf(
  index: string,
  dense: { readonly dimension: number; readonly metric: string } | undefined,
  tags: Readonly<Record<string, string>>,
): Pick<IndexInfo, 'dense' | 'sparse'> {
  if (dense === undefined) return { sparse: tags[TAGS.sparse] ?? DEFAULT_VECTOR };
  const metric = METRICS.get(dense.metric);
  if (metric === undefined)
    throw notSupported(`The index '${index}' has the metric '${dense.metric}', which Vecport does not know.`);
  const own = tags[TAGS.version] !== undefined;
  const sparse = own ? tags[TAGS.sparse] : metric === 'dot' ? SPARSE_VECTOR : undefined;
  return { dense: { name: tags[TAGS.dense] ?? DEFAULT_VECTOR, dimension: dense.dimension, metric }, sparse };
}

function idKindsOf(tags: Readonly<Record<string, string>>): readonly IdKind[] {
  const known: readonly string[] = ['u64', 'i64', 'uuid', 'string'];
  const kinds = tags[TAGS.idKinds]?.split(' ').filter((kind) => known.includes(kind)) ?? [];
  return kinds.length === 0 ? ['string'] : (kinds as IdKind[]);
}

// Its status changes by itself, and so does that of its readers.
function nativeOf({
  deployment,
  schema,
  tags,
  deletionProtection,
  readCapacity,
  sourceCollection,
  cmekId,
}: IndexModel): JsonValue {
  const { status: _, ...capacity } = { status: undefined, ...readCapacity };
  const native = { deployment, schema, tags, deletionProtection, readCapacity: capacity, sourceCollection, cmekId };
  return JSON.parse(JSON.stringify(native)) as JsonValue;
}
