import { adapter } from '@vecport/adapter-lancedb';
import { describeGolden, tempFolder } from '@vecport/testkit';

describeGolden('lancedb', {
  adapter,
  settings: async () => ({ path: await tempFolder() }),
  collection: { name: 'golden', idKinds: ['string'] },
  outcomes: new URL('./golden-outcomes.json', import.meta.url),
});
