import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { IVectorSearchRepository } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import { type CollectionPreview, previewExport } from '@vecport/transfer';
import type { Application } from '../application.js';
import { exportId } from '../tasks/export-id.js';
import { vectorsOf } from './planned-target.js';
import type { PlannedCollection, TransferPlan } from './transfer-plan.js';

/** What would be exported, and below which folder. */
export interface PlanExportRequest {
  readonly repository: IVectorSearchRepository;
  readonly store: Application['store'];
  /** Each export is made in a folder of its own below it. */
  readonly folder: string;
}

/** Plan an export of the collection to a new dataset. At most one page is read, to estimate by. */
export async function planExport(
  { repository, store, folder }: PlanExportRequest,
  signal: AbortSignal,
): Promise<TransferPlan> {
  const id = exportId(repository.collection, new Date(), 1);
  const { plan, collections } = await previewExport({
    repositories: [repository],
    source: store,
    storage: localStorage(join(folder, id)),
    id,
    tool: { name: 'recs-admin', version: '0.1.0' },
    signal,
  });
  const model = plan.collections[0]?.description.embeddingModel;
  const bytes = collections.reduce((sum, { estimatedBytes = 0 }) => sum + estimatedBytes, 0);
  return {
    from: store.url,
    to: folder,
    collections: collections.map((preview) => plannedCollection(preview, model)),
    notes: [`It becomes a folder of its own there, like ${id}.`, ...(await whetherRoom(folder, bytes))],
    obstacles: [],
  };
}

function plannedCollection(preview: CollectionPreview, embeddingModel: string | undefined): PlannedCollection {
  const { name, points, parts, estimatedBytes, estimatedMs, readCost, sample, warnings } = preview;
  const measured =
    sample === undefined
      ? []
      : [`Estimated by a page of ${sample.points} points; the files are compressed, and smaller.`];
  return {
    name,
    target: name,
    points,
    vectors: vectorsOf(preview),
    embeddingModel,
    parts,
    bytes: estimatedBytes,
    milliseconds: estimatedMs,
    losses: [],
    notes: [...measured, ...(readCost === undefined ? [] : [readCost]), ...warnings.map((text) => `${text}.`)],
  };
}

async function whetherRoom(folder: string, bytes: number): Promise<readonly string[]> {
  const free = await freeBytes(folder);
  if (free === undefined || free > bytes) return [];
  return [
    `There may be no room for it: ${megabytes(free)} are free, and it takes ${megabytes(bytes)} before compression.`,
  ];
}

/** Of the folder, or of the nearest one above it that is there; `undefined` where the system does not say. */
async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return dirname(folder) === folder ? undefined : freeBytes(dirname(folder));
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
