import { adapter } from '@vecport/adapter-elastic';
import { describeConformance, serverUrl, testedServers } from '@vecport/testkit';

for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  const url = serverUrl(name);
  describeConformance(name, {
    adapter,
    settings: () => adapter.parseUrl(url).settings,
    refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
    absent: {
      sparse: 'A sparse_vector of Elasticsearch takes positive weights only and rounds them when it scores.',
      multi: 'The rank_vectors of Elasticsearch need a paid licence.',
      tenants: 'Indices of Elasticsearch are not divided.',
      'metric:manhattan': 'Elasticsearch does not compute it for an index of vectors.',
      'metric:jaccard': 'Elasticsearch does not compute it.',
      'vectors: floats come back bit for bit':
        'Elasticsearch refuses a vector whose length is beyond float32, and so the one of FLT_MAX; the others are in the golden table.',
      'filter: fields that hold several types are compared by type':
        'A field has one type, declared when the collection is made; filters do not see its values of other types.',
    },
  });
}
