import { adapter } from '@vecport/adapter-elastic';
import { describeGolden, serverUrl, testedServers } from '@vecport/testkit';

// Cosine, as most collections have it, and fields of every kind, so that values are checked against their types.
for (const name of testedServers(['elastic-9', 'elastic-8'] as const)) {
  describeGolden(name, {
    adapter,
    settings: () => adapter.parseUrl(serverUrl(name)).settings,
    collection: {
      name: `Golden_${process.pid}`,
      idKinds: ['uuid', 'u64', 'i64', 'string'],
      vectors: { default: { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' } },
      fields: [
        { name: 'n', type: 'number' },
        { name: 's', type: 'string' },
        { name: 'b', type: 'boolean' },
        { name: 'v', type: 'number[]' },
        { name: 'l', type: 'string[]' },
        { name: 'd', type: 'string' },
        { name: 'k1', type: 'integer' },
        { name: 'id', type: 'string' },
      ],
    },
    outcomes: new URL('./golden-outcomes.json', import.meta.url),
  });
}
