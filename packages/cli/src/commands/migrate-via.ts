import type { OpenStore } from '@vecport/core';
import { openDataset } from '@vecport/dataset';
import {
  type ExportReport,
  exportDataset,
  foretellLosses,
  type ImportReport,
  importDataset,
  type MigrateRequest,
  type MigrationReport,
  openCollection,
} from '@vecport/transfer';
import type { CommandContext } from '../command-context.js';
import { openDatasetStorage } from '../dataset-place.js';
import { datasetName, isFolderOfDatasets } from '../dataset-url.js';
import { usageError } from '../usage-error.js';
import { packageVersion } from '../version.js';

/** What a migration over files needs beside what every migration needs. */
export interface ViaRequest {
  /** The dataset. */
  readonly via: string;
  readonly source: OpenStore;
  readonly request: MigrateRequest;
  readonly context: Pick<CommandContext, 'environment'>;
}

/** @throws VecportError `invalid-argument` for a folder of datasets: a resumed migration must find its files again. */
export function checkVia(via: string | undefined): void {
  if (via === undefined || !isFolderOfDatasets(via)) return;
  throw usageError('--via names a folder of datasets.', `Name the dataset, e.g. ${via}monday.`);
}

/**
 * Export collections to a dataset, and import that one: the files stay. A resumed migration goes on with the export, or
 * with the import where the dataset is complete.
 */
export async function migrateVia({ via, source, request, context }: ViaRequest): Promise<MigrationReport> {
  const { collections, tenants, selection, resume, signal, onProgress, parallel, batchSize } = request;
  const repositories = [];
  for (const name of collections) repositories.push(...(await openCollection(source, name, { tenants, signal })));
  const losses = new Map<string, ReturnType<typeof foretellLosses>>();
  for (const repository of repositories) {
    const { collection, tenant, provider, traits } = repository;
    const description = await repository.describe({ signal });
    const described = request.transform?.describe?.(description) ?? description;
    losses.set(collection, foretellLosses(described, tenant !== undefined, { provider, traits }, request.target));
  }
  request.onLosses?.(Object.fromEntries(losses));
  const exported = await exportDataset({
    repositories,
    source: { provider: source.provider, version: source.version, url: source.url },
    storage: await openDatasetStorage(via, context),
    id: datasetName(via),
    tool: { name: 'vecport', version: packageVersion() },
    selection,
    resume,
    parallel,
    batchSize,
    signal,
    onProgress,
  });
  const dataset = await openDataset(await openDatasetStorage(via, context), { signal });
  const imported = await importDataset({ ...request, dataset });
  return reportOf(exported, imported, losses);
}

function reportOf(
  { manifest, warnings, quarantine }: ExportReport,
  imported: ImportReport,
  losses: ReadonlyMap<string, ReturnType<typeof foretellLosses>>,
): MigrationReport {
  const left = quarantine.map(
    ({ url, path, points }) => `${points} points could not be carried: see ${path} in ${url}.`,
  );
  return {
    ...imported,
    complete: imported.complete && quarantine.length === 0,
    warnings: [...warnings, ...left],
    collections: imported.collections.map((collection) => {
      const { exported = 0, quarantined = 0 } =
        manifest.collections.find(({ name }) => name === collection.name)?.counts ?? {};
      return {
        ...collection,
        read: exported + quarantined,
        refused: collection.refused + quarantined,
        losses: losses.get(collection.name) ?? [],
      };
    }),
  };
}
