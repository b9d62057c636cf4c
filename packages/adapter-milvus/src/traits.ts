import {
  type ElementType,
  FILTER_OPERATORS,
  type FilterOperator,
  type IdKind,
  type Metric,
  type VectorTraits,
} from '@vecport/abstractions';
import type { Layout } from './layout.js';
import { isAtLeast, type ServerInfo } from './server-kind.js';

const ALL_KINDS: readonly IdKind[] = Object.freeze(['u64', 'i64', 'uuid', 'string']);
const MEGABYTE = 2 ** 20;

/** Whether one collection can have several vectors. */
export function hasSeveralVectors(server: ServerInfo): boolean {
  return server.kind !== 'milvus' || isAtLeast(server, 2, 4);
}

/**
 * Whether partitions can be tenants: in milvus-lite 3 a key is there once in all of them together, and a delete in one
 * reaches the others; milvus-lite 2 has none.
 */
export function hasTenants({ kind }: ServerInfo): boolean {
  return kind === 'milvus';
}

/** What a new collection can have on this server. */
export function storeTraits(server: ServerInfo): VectorTraits {
  const sparse = server.kind !== 'milvus' || isAtLeast(server, 2, 4);
  const slow = server.kind === 'lite-2';
  return Object.freeze({
    consistency: 'scan',
    order: 'id',
    idKinds: ALL_KINDS,
    maxIdBytes: 65_535,
    ...(slow && { refusesIds: 'with a single quote, a line break or a NUL' }),
    maxDimension: 32_768,
    vectorKinds: Object.freeze(sparse ? (['dense', 'sparse'] as const) : (['dense'] as const)),
    elementTypes: Object.freeze(elementTypes(server)),
    metrics: Object.freeze<Metric[]>(
      server.kind === 'lite-3' ? ['cosine', 'dot', 'euclidean'] : ['cosine', 'dot', 'euclidean', 'hamming', 'jaccard'],
    ),
    normalizes: Object.freeze([]),
    ...(server.kind === 'milvus' && { maxMetadataBytes: 65_536 }),
    filterFields: server.kind === 'lite-3' ? 'declared' : 'any',
    filterOperators: filterOperators(server),
    readCost:
      'A full read of Milvus is a query a page, which every segment takes part in: searches are slower meanwhile.',
    leavesOutVectors: true,
    defaultBatchSize: 1000,
    maxBatchSize: slow ? 1000 : 5000,
    maxWritePoints: 10_000,
    maxWriteBytes: (slow ? 2 : 16) * MEGABYTE,
    maxTopK: 16_384,
  } satisfies VectorTraits);
}

/** What a collection that is there can have. */
export function collectionTraits(server: ServerInfo, layout: Layout): VectorTraits {
  const int64 = layout.key.type === 'int64';
  return Object.freeze({
    ...storeTraits(server),
    idKinds: Object.freeze([...(layout.marker === undefined && !int64 ? ALL_KINDS : layout.idKinds)]),
    maxIdBytes: layout.key.maxBytes,
    filterFields: layout.dynamic && server.kind !== 'lite-3' ? 'any' : 'declared',
  });
}

function elementTypes(server: ServerInfo): ElementType[] {
  if (server.kind === 'lite-3') return ['float32'];
  if (server.kind === 'lite-2') return ['float32', 'float16', 'bfloat16', 'binary'];
  const halves: ElementType[] = isAtLeast(server, 2, 4) ? ['float16', 'bfloat16'] : [];
  const bytes: ElementType[] = isAtLeast(server, 2, 6) ? ['int8'] : [];
  return ['float32', ...halves, ...bytes, 'binary'];
}

// Milvus-lite 2 reads neither `not` nor `exists`.
function filterOperators({ kind }: ServerInfo): readonly FilterOperator[] {
  return kind === 'lite-2'
    ? Object.freeze(FILTER_OPERATORS.filter((operator) => operator !== 'not' && operator !== 'exists'))
    : FILTER_OPERATORS;
}
