import { adapter } from '@vecport/adapter-milvus';
import { type ConformanceOptions, describeConformance, serverUrl, testedServers } from '@vecport/testkit';

type Known = Pick<ConformanceOptions, 'absent' | 'refusedIds' | 'refusedMetadata' | 'timeoutMs'>;

const ABSENT = {
  multi: 'Lists of vectors came with Milvus 2.6, as lists of structs.',
  'missing-vectors': 'Milvus keeps no point without its vectors.',
  'metric:manhattan': 'Milvus has no manhattan distance.',
  snapshot: 'Milvus has no snapshots that outlive a request.',
} as const;
const QUOTES = 'Milvus-lite 2 breaks on keys with a single quote or a line break.';
const ONE_TYPE =
  'A field has one type, declared when the collection is made; filters do not see its values of other types.';

const KNOWN: Readonly<Record<'milvus-2.3' | 'milvus-lite-3' | 'milvus-lite-2.5', Known>> = {
  'milvus-2.3': {
    absent: {
      ...ABSENT,
      sparse: 'Sparse vectors came with Milvus 2.4.',
      'named-vectors': 'Several vectors in one collection came with Milvus 2.4.',
    },
    refusedMetadata: { 'long text': 'Milvus takes 65,536 bytes of metadata for a point.' },
    // A read of the present waits for the server's next tick.
    timeoutMs: 180_000,
  },
  'milvus-lite-3': {
    absent: {
      ...ABSENT,
      tenants: 'In milvus-lite 3 a key is there once in all partitions together.',
      'metric:hamming': 'Milvus-lite 3 has no binary vectors.',
      'metric:jaccard': 'Milvus-lite 3 has no binary vectors.',
      'vectors: sparse vectors keep indices and values': 'Milvus-lite 3 refuses sparse vectors with negative numbers.',
      'filter: fields that hold several types are compared by type': ONE_TYPE,
    },
  },
  'milvus-lite-2.5': {
    absent: {
      ...ABSENT,
      tenants: 'Milvus-lite 2 has no partitions.',
      'filter:not': 'Milvus-lite 2 does not read `not`.',
      'filter:exists': 'Milvus-lite 2 does not read `exists`.',
    },
    refusedIds: { 'single quotes': QUOTES, sql: QUOTES, 'tab and line feed': QUOTES },
  },
};

for (const name of testedServers(['milvus-2.3', 'milvus-lite-3', 'milvus-lite-2.5'] as const)) {
  describeConformance(name, {
    adapter,
    settings: () => adapter.parseUrl(serverUrl(name)).settings,
    refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) },
    ...KNOWN[name],
  });
}

// Int64 keys, of which Milvus takes any but the largest.
for (const name of testedServers(['milvus-lite-3', 'milvus-lite-2.5'] as const)) {
  describeConformance(`${name} with Int64 keys`, {
    adapter,
    settings: () => adapter.parseUrl(serverUrl(name)).settings,
    idKinds: ['i64'],
    absent: KNOWN[name].absent,
  });
}
