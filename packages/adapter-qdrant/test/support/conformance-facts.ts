import type { ConformanceOptions } from '@vecport/testkit';

/** What is known of Qdrant for the conformance suite, over either interface. */
export function conformanceFacts(_transport: 'grpc' | 'http'): Partial<ConformanceOptions> {
  return {
    idKinds: ['u64', 'i64', 'uuid', 'string'],
    refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
    absent: {
      'filter:exists': 'Qdrant takes an empty list for a missing field.',
      'metric:hamming': 'Qdrant computes cosine, dot, euclidean and manhattan.',
      'metric:jaccard': 'Qdrant computes cosine, dot, euclidean and manhattan.',
      'text-order': 'Qdrant has no order of texts.',
      tenants: 'Tenants are shards with keys, which a server on its own does not have.',
      snapshot: 'Qdrant reads each page as it is at that moment.',
    },
  };
}
