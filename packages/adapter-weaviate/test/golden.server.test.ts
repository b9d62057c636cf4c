import { adapter } from '@vecport/adapter-weaviate';
import { describeGolden, serverUrl, testedServers } from '@vecport/testkit';

// Cosine, as most collections have it, and fields of every kind, so that what fits goes into properties of their own.
for (const name of testedServers(['weaviate-1.39', 'weaviate-1.35'] as const)) {
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
        { name: 'a.b', type: 'integer' },
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
