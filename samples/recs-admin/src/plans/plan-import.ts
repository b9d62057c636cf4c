import type { VectorTraits } from '@vecport/abstractions';
import type { Dataset, ManifestCollection } from '@vecport/dataset';
import { foretellLosses, type TargetStore } from '@vecport/transfer';
import type { ImportOrder } from '../tasks/seed-service.js';
import { inspectTarget, vectorsOf } from './planned-target.js';
import type { PlannedCollection, TransferPlan } from './transfer-plan.js';

/** What would be imported, and into what. */
export interface PlanImportRequest {
  readonly dataset: Dataset;
  readonly target: TargetStore & { readonly url: string };
  readonly order: ImportOrder;
  /** Points a second that the last import into this store had, where there was one. */
  readonly pointsPerSecond?: number | undefined;
}

/** Plan an import. Reads the manifest alone; what depends on single points is said as a possibility. */
export async function planImport(request: PlanImportRequest, signal: AbortSignal): Promise<TransferPlan> {
  const { dataset, target, order } = request;
  const { manifest } = dataset;
  const chosen = order.collection === undefined ? manifest.collections : [dataset.collection(order.collection)];
  const planned = [];
  for (const collection of chosen) planned.push(await planCollection(request, collection, signal));
  const ambiguous = order.as !== undefined && chosen.length > 1;
  return {
    from: `${order.dataset}, exported from ${manifest.source.url ?? manifest.source.provider}`,
    to: target.url,
    collections: planned.map(({ collection }) => collection),
    notes: [],
    obstacles: [
      ...(ambiguous ? [`One name cannot stand for ${chosen.length} collections.`] : []),
      ...planned.flatMap(({ obstacles }) => obstacles),
    ],
  };
}

async function planCollection(
  { dataset, target, order, pointsPerSecond = 0 }: PlanImportRequest,
  entry: ManifestCollection,
  signal: AbortSignal,
): Promise<{ readonly collection: PlannedCollection; readonly obstacles: readonly string[] }> {
  const { name, description, parts, counts, tenants } = entry;
  const { provider } = dataset.manifest.source;
  const divided = tenants !== undefined || description.multiTenant === true;
  const losses = foretellLosses(description, divided, { provider, traits: traitsOf(dataset, target) }, target);
  const as = order.as ?? name;
  const { obstacles, notes } = await inspectTarget(target, { name: as, mode: order.mode, description, losses }, signal);
  const points = counts.exported;
  const collection: PlannedCollection = {
    name,
    target: as,
    points,
    vectors: vectorsOf(description),
    embeddingModel: description.embeddingModel,
    parts: parts.length,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    milliseconds: pointsPerSecond > 0 ? (points / pointsPerSecond) * 1000 : undefined,
    losses,
    notes: [...notes, ...(pointsPerSecond > 0 ? ['The time is that of the last import here.'] : [])],
  };
  return { collection, obstacles };
}

/** What points of a dataset may be: of the target's own kind, what that can have; else anything. */
function traitsOf({ manifest }: Dataset, { provider, traits }: TargetStore): VectorTraits {
  if (manifest.source.provider === provider) return traits;
  return {
    ...traits,
    maxIdBytes: Number.POSITIVE_INFINITY,
    maxMetadataBytes: undefined,
    refusesZeroVectors: undefined,
    refusesLongVectors: undefined,
    filterFields: 'any',
  };
}
