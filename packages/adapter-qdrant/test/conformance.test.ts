import { adapter } from '@vecport/adapter-qdrant';
import { describeConformance, startFakeQdrant } from '@vecport/testkit';
import { conformanceFacts } from './support/conformance-facts.js';

for (const transport of ['grpc', 'http'] as const) {
  const server = startFakeQdrant();
  describeConformance(`qdrant over ${transport}`, {
    adapter,
    settings: async () => {
      const { httpUrl, grpcPort } = await server;
      return { url: httpUrl, grpcPort: String(grpcPort), transport };
    },
    ...conformanceFacts(transport),
    cleanup: async () => (await server).close(),
  });
}
