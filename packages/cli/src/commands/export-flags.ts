import type { Filter } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import { createProgressMeter, type ExportRequest, loadTransform, openCollection } from '@vecport/transfer';
import { chosenTenants } from '../collections.js';
import type { CommandContext } from '../command-context.js';
import type { DatasetPlace } from '../dataset-place.js';
import { readIdFile } from '../id-file.js';
import { openWhole } from '../open-chain.js';
import { reEmbeddingOf } from '../read-shared-flags.js';
import type { ReEmbedFlags } from '../shared-options.js';
import { usageError } from '../usage-error.js';
import { packageVersion } from '../version.js';
import { PHASES } from './phases.js';

/** What can be typed after `vecport export`. */
export interface ExportFlags extends ReEmbedFlags {
  readonly from?: string | undefined;
  readonly to: string;
  readonly collection?: readonly string[] | undefined;
  readonly all?: boolean | undefined;
  readonly tenant?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
  readonly filter?: Filter | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly excludeFields?: readonly string[] | undefined;
  readonly limit?: number | undefined;
  readonly idsFrom?: string | undefined;
  readonly allowMissing?: boolean | undefined;
  readonly transform?: string | undefined;
  readonly read?: 'scan' | 'two-pass' | undefined;
  readonly batchSize?: number | undefined;
  readonly retrieveBatch?: number | undefined;
  readonly parallel?: number | undefined;
  readonly maxMemory?: number | undefined;
  readonly retries?: number | undefined;
  readonly rateLimit?: number | undefined;
  readonly timeout?: number | undefined;
  readonly partRows?: number | undefined;
  readonly compression: 'zstd' | 'none';
  readonly encoding: 'split' | 'plain';
  readonly since?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly debug?: boolean | undefined;
}

/** Files that flags name, read before a store is opened. */
export type ExportFiles = Pick<ExportRequest, 'ids' | 'transform' | 'since'>;

/** Read what the flags name. @throws VecportError for a file that cannot be read or is not what it should be. */
export async function readExportFiles(flags: ExportFlags, context: CommandContext): Promise<ExportFiles> {
  const { idsFrom, filter, transform, reEmbed, since } = flags;
  if (idsFrom !== undefined && filter !== undefined) {
    throw usageError('--ids-from and --filter exclude each other.', 'Leave one of them out.');
  }
  if (transform !== undefined && reEmbed !== undefined) {
    throw usageError('--transform and --re-embed exclude each other.', 'Do one after the other.');
  }
  return {
    since: since === undefined ? undefined : await openWhole([since], context.signal),
    ids: idsFrom === undefined ? undefined : await readIdFile(idsFrom),
    transform: transform === undefined ? await reEmbeddingOf(flags, context) : await loadTransform(transform),
  };
}

/** From where to where an export goes. */
export interface ExportPlace {
  readonly store: OpenStore;
  readonly collections: readonly string[];
  readonly place: DatasetPlace;
  readonly files: ExportFiles;
}

/** What the engine is asked to do. */
export async function exportRequestOf(
  flags: ExportFlags,
  { store, collections, place, files }: ExportPlace,
  { signal, progress }: CommandContext,
): Promise<ExportRequest> {
  const repositories = [];
  const tenants = chosenTenants(store, flags);
  for (const name of collections) repositories.push(...(await openCollection(store, name, { tenants, signal })));
  const { read, resume, strict, parallel, batchSize, retrieveBatch, maxMemory, retries, rateLimit, partRows } = flags;
  return {
    repositories,
    source: { provider: store.provider, version: store.version, url: store.url },
    storage: place.storage,
    id: place.id,
    tool: { name: 'vecport', version: packageVersion() },
    selection: { filter: flags.filter, fields: flags.fields, excludeFields: flags.excludeFields },
    limit: flags.limit,
    ...files,
    ...{ read, resume, strict, parallel, batchSize, retrieveBatch, maxMemory, retries, rateLimit, partRows },
    timeoutMs: flags.timeout,
    encoding: { format: 'parquet', compression: flags.compression, vectors: flags.encoding },
    keepState: flags.debug,
    signal,
    onProgress: progress.listen({ ...PHASES, read: 'Exporting' }, createProgressMeter()),
  };
}
