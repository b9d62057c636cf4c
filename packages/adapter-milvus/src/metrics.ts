import type { Metric } from '@vecport/abstractions';

/** Milvus's names of metrics. */
export type MilvusMetric = 'COSINE' | 'IP' | 'L2' | 'HAMMING' | 'JACCARD';

const NAMES: Readonly<Partial<Record<Metric, MilvusMetric>>> = {
  cosine: 'COSINE',
  dot: 'IP',
  euclidean: 'L2',
  hamming: 'HAMMING',
  jaccard: 'JACCARD',
};

/** Milvus's name of a metric, `undefined` for one it has not. */
export function milvusMetric(metric: Metric): MilvusMetric | undefined {
  return NAMES[metric];
}

/** The metric Milvus calls so, `undefined` for one we do not know (BM25, MHJACCARD, …). */
export function metricOf(name: string | undefined): Metric | undefined {
  const wanted = name?.toUpperCase();
  return (Object.keys(NAMES) as Metric[]).find((metric) => NAMES[metric] === wanted);
}

/** Milvus's distance or similarity as the documented score: its L2 is squared. */
export function scoreOf(metric: Metric, distance: number): number {
  switch (metric) {
    case 'dot':
      return distance;
    case 'cosine':
      return Number.isFinite(distance) ? Math.min(1, Math.max(-1, distance)) : distance;
    case 'euclidean':
      return 0 - Math.sqrt(Math.max(0, distance));
    default:
      return 0 - distance;
  }
}
