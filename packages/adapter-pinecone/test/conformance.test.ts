import { adapter } from '@vecport/adapter-pinecone';
import { describeConformance, type FakePinecone, startFakePinecone } from '@vecport/testkit';

let fake: FakePinecone | undefined;

describeConformance('pinecone', {
  adapter,
  settings: async () => {
    fake = await startFakePinecone();
    return { apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0' };
  },
  cleanup: async () => fake?.close(),
  collectionName: (n) => `conformance-${process.pid}-${n}`,
  refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
  refusedMetadata: { 'long text': 'Pinecone takes 40 KB of metadata for a point.' },
  absent: {
    slices: 'Pinecone lists the records of a namespace one page after the other.',
    multi: 'Pinecone has no multi-vectors.',
    snapshot: 'Pinecone has no points in time.',
    'named-vectors': 'An index has one dense and one sparse vector.',
    'missing-vectors': 'Every record of a dense index has a dense vector.',
    'count-filter': 'Pinecone does not count what a filter matches.',
    'text-order': 'Pinecone orders numbers only.',
    'metric:manhattan': 'Pinecone compares by cosine, dot and euclidean.',
    'metric:hamming': 'Pinecone compares by cosine, dot and euclidean.',
    'metric:jaccard': 'Pinecone compares by cosine, dot and euclidean.',
    'filter: integers above 2^53 are compared exactly':
      'Pinecone compares float64; such integers are refused in a filter.',
  },
});
