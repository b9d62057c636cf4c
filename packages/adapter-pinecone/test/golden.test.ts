import { adapter } from '@vecport/adapter-pinecone';
import { describeGolden, type FakePinecone, startFakePinecone } from '@vecport/testkit';

let fake: FakePinecone | undefined;

describeGolden('pinecone', {
  adapter,
  settings: async () => {
    fake = await startFakePinecone();
    return { apiKey: fake.apiKey, host: fake.url, requestsPerSecond: '0' };
  },
  cleanup: async () => fake?.close(),
  outcomes: new URL('golden-outcomes.json', import.meta.url),
  collection: { name: 'golden', idKinds: ['string'] },
});
