import { adapter } from '@vecport/adapter-weaviate';
import { describeConformance, serverUrl, testedServers } from '@vecport/testkit';

for (const name of testedServers(['weaviate-1.39', 'weaviate-1.35'] as const)) {
  const url = serverUrl(name);
  describeConformance(name, {
    adapter,
    settings: () => adapter.parseUrl(url).settings,
    refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
    absent: {
      sparse: 'Weaviate has no sparse vectors.',
      snapshot: 'Weaviate reads each page as it is at that moment.',
      'export-filter': 'The cursor of Weaviate takes no filter; the engine filters what it has read.',
      'search: a multi-vector query finds the points whose vectors are nearest to all of its own':
        'By cosine Weaviate scores the stored vectors of a multi-vector with their lengths, so only dot is exact.',
      'metric:jaccard': 'Weaviate does not compute it.',
    },
  });
}
