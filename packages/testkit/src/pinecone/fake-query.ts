import { denseScore, sparseScore } from '../memory/score.js';
import type { FakeRecord, FakeSparse, RecordRules } from './fake-record.js';
import { invalid } from './fake-reply.js';

/** What is searched for. */
export interface FakeQuery {
  readonly values: Float32Array | undefined;
  readonly sparse: FakeSparse | undefined;
}

/** A record and how near it is, in the words of Pinecone: squared distance for `euclidean`. */
export interface FakeMatch {
  readonly record: FakeRecord;
  readonly score: number;
}

/** The nearest records, nearest first. @throws Refused for a query that does not fit the index. */
export function nearest(
  rules: RecordRules,
  records: readonly FakeRecord[],
  query: FakeQuery,
  topK: number,
): FakeMatch[] {
  checkQuery(rules, query);
  const euclidean = rules.metric === 'euclidean' && rules.vectorType === 'dense';
  return records
    .map((record) => ({ record, score: scoreOf(rules, record, query) }))
    .filter(({ score, record }) => rules.vectorType === 'dense' || score !== 0 || record.sparseValues === undefined)
    .toSorted((left, right) => (euclidean ? left.score - right.score : right.score - left.score))
    .slice(0, topK);
}

function checkQuery({ vectorType, dimension }: RecordRules, { values, sparse }: FakeQuery): void {
  if (vectorType === 'sparse') {
    if (values !== undefined) throw invalid('Sparse index does not support dense vectors');
    if (sparse === undefined) throw invalid('Sparse vector is missing');
    return;
  }
  if (values === undefined) throw invalid('Dense vector is missing');
  if (values.length !== dimension) {
    throw invalid(`Vector dimension ${values.length} does not match the dimension of the index ${dimension}`);
  }
}

function scoreOf({ metric, vectorType }: RecordRules, record: FakeRecord, { values, sparse }: FakeQuery): number {
  const dots =
    sparse === undefined || record.sparseValues === undefined
      ? 0
      : sparseScore(arrays(record.sparseValues), arrays(sparse));
  if (vectorType === 'sparse' || values === undefined || record.values === undefined) return dots;
  if (metric === 'euclidean') return denseScore('euclidean', record.values, values) ** 2;
  return denseScore(metric === 'cosine' ? 'cosine' : 'dot', record.values, values) + dots;
}

function arrays({ indices, values }: FakeSparse) {
  return { indices: Uint32Array.from(indices), values: Float32Array.from(values) };
}
