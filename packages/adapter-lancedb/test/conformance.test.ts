import { adapter } from '@vecport/adapter-lancedb';
import { describeConformance, tempFolder } from '@vecport/testkit';

describeConformance('lancedb', {
  adapter,
  settings: async () => ({ path: await tempFolder() }),
  refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
  absent: {
    tenants: 'A table is not divided.',
    sparse: 'LanceDB has no sparse vectors.',
    'metric:manhattan': 'LanceDB computes cosine, dot and euclidean.',
    'metric:hamming': 'LanceDB computes cosine, dot and euclidean.',
    'metric:jaccard': 'LanceDB computes cosine, dot and euclidean.',
    'filter: fields that hold several types are compared by type':
      'A field has one type, declared when the collection is made; filters do not see its values of other types.',
  },
});
