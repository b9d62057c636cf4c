import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IVectorSearchRepository, rows } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import { foretellMigration, type MigrateRequest, previewExport } from '@vecport/transfer';
import { inspectTarget, vectorsOf } from './planned-target.js';
import type { PlannedCollection, TransferPlan } from './transfer-plan.js';

/** Points compared to tell whether two collections are one. */
const COMPARED = 20;

/** Plan a migration of one collection. At most one page of it is read, to estimate by. */
export async function planMigration(request: MigrateRequest, signal: AbortSignal): Promise<TransferPlan> {
  const { source, target, mode } = request;
  const losses = await foretellMigration({ ...request, signal });
  const collections: PlannedCollection[] = [];
  const obstacles: string[] = [];
  for (const name of request.collections) {
    const repository = await source.repository(name, { signal });
    const description = await repository.describe({ signal });
    const as = request.as ?? name;
    const own = losses[name] ?? [];
    const found = await inspectTarget(target, { name: as, mode, description, losses: own }, signal);
    const itself = await whyNotOntoItself(request, repository, signal);
    obstacles.push(...found.obstacles, ...(itself === undefined ? [] : [itself]));
    collections.push({
      ...(await estimate(repository, source, signal)),
      name,
      target: as,
      vectors: vectorsOf(description),
      embeddingModel: description.embeddingModel,
      losses: own,
      notes: [...found.notes, 'The time is that of reading; how long writing takes is known when it runs.'],
    });
  }
  return { from: source.url, to: target.url, collections, notes: [], obstacles };
}

/**
 * Why a collection cannot be replaced by itself: it would be dropped before it is read. One store has many names, so it
 * is told by the points: an equal copy counts as the collection itself, as replacing it would change nothing either.
 */
export async function whyNotOntoItself(
  { source, target, as, mode }: Pick<MigrateRequest, 'source' | 'target' | 'as' | 'mode'>,
  repository: IVectorSearchRepository,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = as ?? repository.collection;
  if (mode !== 'replace' || source.provider !== target.provider || name !== repository.collection) return undefined;
  const there = await target.collections({ signal });
  if (!there.some((one) => one.name === name)) return undefined;
  const other = await target.repository(name, { signal });
  for await (const batch of repository.exportAll?.({ batchSize: COMPARED, signal }) ?? []) {
    const stored = await other.get(batch.ids, { signal });
    const vectors = new Map(Array.from(rows(stored), ({ id, embedding }) => [id, embedding?.join()]));
    const same = Array.from(rows(batch)).every(({ id, embedding }) => vectors.get(id) === embedding?.join());
    return same
      ? `The collection '${name}' there is this one, or an equal copy: to replace it, it would be dropped before it is read. Choose another name, or add to it.`
      : undefined;
  }
  return undefined;
}

async function estimate(
  repository: IVectorSearchRepository,
  { provider, url }: MigrateRequest['source'],
  signal: AbortSignal,
): Promise<Pick<PlannedCollection, 'points' | 'bytes' | 'milliseconds'>> {
  // Nothing is written there: an export is planned to learn what reading takes.
  const { collections } = await previewExport({
    repositories: [repository],
    source: { provider, url },
    storage: localStorage(join(tmpdir(), 'recs-admin-plan')),
    id: 'plan',
    tool: { name: 'recs-admin', version: '0.1.0' },
    signal,
  });
  const [preview] = collections;
  return { points: preview?.points, bytes: preview?.estimatedBytes, milliseconds: preview?.estimatedMs };
}
