import { adapter } from '@vecport/adapter-milvus';
import { describeGolden, serverUrl, testedServers } from '@vecport/testkit';

const OUTCOMES = {
  'milvus-2.3': new URL('./golden-outcomes.json', import.meta.url),
  'milvus-lite-3': new URL('./golden-outcomes.lite-3.json', import.meta.url),
  'milvus-lite-2.5': new URL('./golden-outcomes.lite-2.5.json', import.meta.url),
} as const;

// Cosine, as most collections have it, and fields of some types, so that what does not fit them must be kept as well.
for (const name of testedServers(['milvus-2.3', 'milvus-lite-3', 'milvus-lite-2.5'] as const)) {
  describeGolden(name, {
    adapter,
    settings: () => adapter.parseUrl(serverUrl(name)).settings,
    collection: {
      name: `Golden_${process.pid}`,
      idKinds: ['uuid', 'u64', 'i64', 'string'],
      fields: [
        { name: 'n', type: 'integer' },
        { name: 's', type: 'string' },
        { name: 'b', type: 'boolean' },
        { name: 'a.b', type: 'integer' },
        { name: 'v', type: 'number[]' },
        { name: 'l', type: 'string[]' },
      ],
    },
    outcomes: OUTCOMES[name],
    timeoutMs: 240_000,
  });
}
