import type { IdKind } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-pgvector';
import { describeConformance, serverUrl } from '@vecport/testkit';

const KINDS: readonly IdKind[] = ['string', 'i64', 'uuid'];

for (const kind of KINDS) {
  describeConformance(`pgvector with ids of the kind ${kind}`, {
    adapter,
    settings: async () => ({ url: serverUrl('pgvector') }),
    idKinds: [kind],
    ...(kind === 'string' ? { refusedPoint: { id: 'nan', embedding: new Float32Array(8).fill(Number.NaN) } } : {}),
    absent: {
      tenants: 'Tables of PostgreSQL have no tenants.',
      'vectors: sparse vectors keep indices and values':
        'The indices of a sparsevec are below 1,000,000,000; the check writes greater ones.',
    },
  });
}
