import type { ElementType, IndexDescription, Metric, VectorKind, VectorSpec } from '@vecport/abstractions';
import { indexNumber } from '@vecport/wire';
import type { IndexSchema, VectorSchema } from './class-schema.js';
import { notSupported } from './errors.js';

const DISTANCES: Readonly<Record<string, Metric>> = {
  dot: 'dot',
  cosine: 'cosine',
  'l2-squared': 'euclidean',
  manhattan: 'manhattan',
  hamming: 'hamming',
};

/** The metrics Weaviate computes. */
export const METRICS: readonly Metric[] = Object.freeze(Object.values(DISTANCES));

/** Element types: all are kept as float32, which holds every value of each, and recorded. */
export const ELEMENT_TYPES: readonly ElementType[] = Object.freeze([
  'float32',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
  'binary',
]);

const INDEX_TYPES = ['hnsw', 'flat', 'dynamic', 'hfresh'];
const MAX_INT = 2 ** 31 - 1;
const QUANTIZERS = ['pq', 'bq', 'sq', 'rq'] as const;

/** A vector as the schema describes it. Weaviate does not declare dimensions. @throws VecportError `not-supported`. */
export function specOfSchema(name: string, schema: VectorSchema): VectorSpec {
  const config = schema.vectorIndexConfig ?? {};
  const distance = config.distance ?? config.hnsw?.distance ?? 'cosine';
  const metric = DISTANCES[distance];
  if (metric === undefined) {
    throw notSupported(`The vector '${name}' has the distance '${distance}', which Vecport does not know.`);
  }
  const kind: VectorKind = config.multivector?.enabled === true ? 'multi' : 'dense';
  return { kind, elementType: 'float32', metric, index: indexOfSchema(schema) };
}

/**
 * Index settings of a new vector in Weaviate's words.
 * @throws VecportError `not-supported`, naming what Weaviate has not.
 */
export function schemaOfSpec(name: string, spec: VectorSpec, defaultIndex: string): VectorSchema {
  const { kind, metric = 'cosine', elementType, index } = spec;
  if (kind === 'sparse') throw notSupported(`Weaviate has no sparse vectors, which '${name}' is.`);
  const distance = Object.keys(DISTANCES).find((key) => DISTANCES[key] === metric);
  if (distance === undefined) throw notSupported(`Weaviate does not compute the metric '${metric}' of '${name}'.`);
  if (!ELEMENT_TYPES.includes(elementType)) throw notSupported(`Weaviate has no vectors of ${elementType}.`);
  if (kind === 'multi') checkMultiMetric(name, metric, spec);
  const type = indexType(kind, index, defaultIndex);
  const settings = { distance, ...settingsOf(type, index) };
  return {
    vectorizer: { none: {} },
    vectorIndexType: type,
    vectorIndexConfig: kind === 'multi' ? { ...settings, multivector: { enabled: true } } : settings,
  };
}

// Seen in 1.35 and 1.39: whatever the distance is set to, multi-vectors are scored by inner products with the stored
// vectors as they are; by cosine, only those of the query are made unit vectors.
function checkMultiMetric(name: string, metric: Metric, { normalized }: VectorSpec): void {
  if (metric === 'dot' || (metric === 'cosine' && normalized === true)) return;
  throw notSupported(
    `Weaviate scores multi-vectors by the inner product, not by the metric '${metric}' of '${name}'.`,
    metric === 'cosine'
      ? 'Use dot; or, if all vectors have the length 1, say so with normalized: true.'
      : 'Use the metric dot.',
  );
}

// Only HNSW indexes multi-vectors. A type of another provider gets the default, or HNSW where it is a kind of it.
function indexType(kind: VectorKind, index: IndexDescription | undefined, defaultIndex: string): string {
  if (kind === 'multi') return 'hnsw';
  const type = index?.type ?? defaultIndex;
  if (INDEX_TYPES.includes(type)) return type;
  return /hnsw/i.test(type) ? 'hnsw' : defaultIndex;
}

function settingsOf(type: string, index: IndexDescription | undefined): IndexSchema {
  const { quantization } = index?.parameters ?? {};
  // What Weaviate takes, seen in 1.39; what it does not is another provider's, and its own number is used instead.
  const m = indexNumber(index, 'm', 4, 2047);
  const efConstruction = indexNumber(index, 'efConstruction', 4, MAX_INT);
  const ef = indexNumber(index, 'ef', -1, MAX_INT);
  const threshold = indexNumber(index, 'threshold', 0, MAX_INT);
  const graph = {
    ...(m !== undefined && { maxConnections: m }),
    ...(efConstruction !== undefined && { efConstruction }),
    ...(ef !== undefined && { ef }),
  };
  const quantizer = QUANTIZERS.find((name) => name === quantization);
  const compressed = quantizer === undefined ? {} : { [quantizer]: { enabled: true } };
  if (type === 'hnsw') return { ...graph, ...compressed };
  if (type === 'flat') return compressed;
  if (type !== 'dynamic') return {};
  return { ...(threshold !== undefined && { threshold }), hnsw: { ...graph, ...compressed } };
}

function indexOfSchema({ vectorIndexType = 'hnsw', vectorIndexConfig = {} }: VectorSchema): IndexDescription {
  const graph = vectorIndexConfig.hnsw ?? vectorIndexConfig;
  const quantization = QUANTIZERS.find((name) => graph[name]?.enabled === true);
  const parameters = {
    ...(graph.maxConnections !== undefined && { m: graph.maxConnections }),
    ...(graph.efConstruction !== undefined && { efConstruction: graph.efConstruction }),
    ...(graph.ef !== undefined && { ef: graph.ef }),
    ...(vectorIndexConfig.threshold !== undefined && { threshold: vectorIndexConfig.threshold }),
    ...(quantization !== undefined && { quantization }),
  };
  return { type: vectorIndexType, ...(Object.keys(parameters).length > 0 && { parameters }) };
}
