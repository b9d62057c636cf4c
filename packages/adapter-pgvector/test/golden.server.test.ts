import { adapter } from '@vecport/adapter-pgvector';
import { describeGolden, serverUrl } from '@vecport/testkit';

describeGolden('pgvector', {
  adapter,
  settings: async () => ({ url: serverUrl('pgvector') }),
  outcomes: new URL('golden-outcomes.json', import.meta.url),
  collection: { name: `Golden_${process.pid}`, idKinds: ['string'] },
});
