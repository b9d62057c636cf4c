import { adapter } from '@vecport/adapter-qdrant';
import { describeGolden, startFakeQdrant } from '@vecport/testkit';
import { TRANSPORTS } from './support/open-fake.js';

for (const transport of TRANSPORTS) {
  const server = startFakeQdrant();
  describeGolden(`qdrant over ${transport}`, {
    adapter,
    settings: async () => {
      const { httpUrl, grpcPort } = await server;
      return { url: httpUrl, grpcPort: String(grpcPort), transport };
    },
    outcomes: new URL('golden-outcomes.json', import.meta.url),
    collection: {
      name: 'golden',
      idKinds: ['u64', 'i64', 'uuid', 'string'],
      vectors: { default: { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'dot' } },
    },
    cleanup: async () => (await server).close(),
  });
}
