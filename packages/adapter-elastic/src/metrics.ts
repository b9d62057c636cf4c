import type { ElementType, Metric, VectorSpec } from '@vecport/abstractions';
import { notSupported } from './errors.js';

/** What Elasticsearch calls the number of a vector. */
export type VectorElement = 'float' | 'byte' | 'bit' | 'bfloat16';

/** How Elasticsearch compares two vectors. */
export type Similarity = 'cosine' | 'dot_product' | 'max_inner_product' | 'l2_norm';

const ELEMENTS: ReadonlyMap<VectorElement, ElementType> = new Map([
  ['float', 'float32'],
  ['byte', 'int8'],
  ['bit', 'binary'],
  ['bfloat16', 'bfloat16'],
]);

const METRICS: ReadonlyMap<Similarity, Metric> = new Map([
  ['cosine', 'cosine'],
  ['dot_product', 'dot'],
  ['max_inner_product', 'dot'],
  ['l2_norm', 'euclidean'],
]);

// `dot_product` takes unit vectors only, so an inner product in general is `max_inner_product`.
const SIMILARITIES: ReadonlyMap<Metric, Similarity> = new Map([
  ['cosine', 'cosine'],
  ['dot', 'max_inner_product'],
  ['euclidean', 'l2_norm'],
]);

/** The neutral name of an element type. @throws VecportError `not-supported` for one this version does not know. */
export function elementTypeOf(element: string): ElementType {
  const known = ELEMENTS.get(element as VectorElement);
  if (known === undefined) throw notSupported(`There is a vector of '${element}', which this version does not know.`);
  return known;
}

/** The neutral name of a similarity. Bits are compared by their number of differences, whatever it is called. */
export function metricOf(similarity: string | undefined, element: VectorElement): Metric | undefined {
  if (element === 'bit') return 'hamming';
  if (similarity === undefined) return undefined;
  const known = METRICS.get(similarity as Similarity);
  if (known === undefined) throw notSupported(`The similarity '${similarity}' is not known to this version.`);
  return known;
}

/** What Elasticsearch calls the numbers of a vector. @throws VecportError `not-supported`, naming the vector. */
export function elementOf(name: string, { elementType, metric }: VectorSpec): VectorElement {
  const element = [...ELEMENTS].find(([, neutral]) => neutral === elementType)?.[0];
  if (element !== undefined) return element;
  throw notSupported(
    `The vector '${name}' is made of ${elementType}${metric === undefined ? '' : ` (${metric})`}, which Elasticsearch has not.`,
    'It has float32, bfloat16, int8 and binary.',
  );
}

/** What Elasticsearch calls a metric. @throws VecportError `not-supported`, naming the vector. */
export function similarityOf(name: string, { metric, elementType }: VectorSpec): Similarity {
  if (elementType === 'binary') {
    if (metric === undefined || metric === 'hamming') return 'l2_norm';
    throw notSupported(`Elasticsearch compares binary vectors by hamming, and '${name}' by ${metric}.`);
  }
  const similarity = SIMILARITIES.get(metric ?? 'cosine');
  if (similarity !== undefined) return similarity;
  throw notSupported(
    `Elasticsearch cannot compare the vector '${name}' by ${metric}.`,
    'It has cosine, dot and euclidean, and hamming for binary vectors.',
  );
}

/**
 * The documented score from Elasticsearch's `_score`, as its reference gives the formulas for each similarity.
 * `_score` is a float32, so very small distances are rounded.
 */
export function scoreOf(
  score: number,
  vector: { readonly similarity: string | undefined; readonly element: VectorElement; readonly dimension: number },
): number {
  if (vector.element === 'bit') return 0 - Math.round((1 - score) * vector.dimension);
  switch (vector.similarity) {
    case 'l2_norm':
      return 0 - Math.sqrt(Math.max(0, 1 / score - 1));
    case 'max_inner_product':
      return score < 1 ? 1 - 1 / score : score - 1;
    case 'dot_product':
      return vector.element === 'byte' ? (score - 0.5) * 2 ** 15 * vector.dimension : 2 * score - 1;
    default:
      return Math.min(1, Math.max(-1, 2 * score - 1));
  }
}
