import type { CollectionDescription, IVectorSearchRepository, VectorRecord } from '@vecport/abstractions';
import { type MemoryRepositories, memoryRepositories } from '@vecport/testkit';
import type { ExportRequest } from '../src/index.js';

/** A collection with points in a new store. */
export async function filled(
  description: CollectionDescription,
  points: Iterable<VectorRecord>,
): Promise<{ readonly store: MemoryRepositories; readonly repository: IVectorSearchRepository }> {
  const store = memoryRepositories();
  await store.create(description);
  const repository = await store.repository(description.name);
  const { failed } = await repository.upsertMany(points);
  if (failed.length > 0) throw new Error(`refused: ${JSON.stringify(failed)}`);
  return { store, repository };
}

/** A description with one dense vector. */
export function dense(name: string, dimension: number): CollectionDescription {
  return {
    name,
    vectors: { default: { kind: 'dense', dimension, elementType: 'float32', metric: 'euclidean' } },
    idKinds: ['string'],
  };
}

/** An export request with what tests do not care about filled in. */
export function exporting(
  repository: IVectorSearchRepository,
  storage: ExportRequest['storage'],
  options: Partial<ExportRequest> = {},
): ExportRequest {
  return {
    repositories: [repository],
    source: { provider: repository.provider },
    storage,
    id: 'test',
    tool: { name: 'test', version: '0' },
    ...options,
  };
}
