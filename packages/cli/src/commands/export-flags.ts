import type { Filter } from '@vecport/abstractions';
import type { OpenStore } from '@vecport/core';
import { encodingOf, type Layout, type PartEncoding } from '@vecport/dataset';
import { createProgressMeter, type ExportRequest, openCollection } from '@vecport/transfer';
import { chosenTenants } from '../collections.js';
import type { CommandContext } from '../command-context.js';
import type { DatasetPlace } from '../dataset-place.js';
import { readIdFile } from '../id-file.js';
import { openWhole } from '../open-chain.js';
import { transformOf } from '../read-shared-flags.js';
import type { ClusterFlags, TransformFlags } from '../shared-options.js';
import { usageError } from '../usage-error.js';
import { packageVersion } from '../version.js';
import { PHASES } from './phases.js';

/** What can be typed after `vecport export`. */
export interface ExportFlags extends TransformFlags, ClusterFlags {
  readonly from?: string | undefined;
  readonly http?: boolean | undefined;
  readonly to?: string | undefined;
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
  readonly quarantineNonFinite?: boolean | undefined;
  readonly allowQuarantine?: boolean | undefined;
  readonly read?: 'scan' | 'two-pass' | undefined;
  readonly batchSize?: number | undefined;
  readonly retrieveBatch?: number | undefined;
  readonly parallel?: number | undefined;
  readonly workers?: number | undefined;
  readonly maxMemory?: number | undefined;
  readonly retries?: number | undefined;
  readonly rateLimit?: number | undefined;
  readonly timeout?: number | undefined;
  readonly strategy?: string | undefined;
  readonly rowGroupSize?: number | undefined;
  readonly convert?: boolean | undefined;
  readonly layout?: Layout | undefined;
  readonly keyField?: string | undefined;
  readonly compression?: string | undefined;
  readonly encoding?: 'split' | 'plain' | undefined;
  readonly partRows?: number | undefined;
  readonly partBytes?: number | undefined;
  /** Whether it was said how a bucket is written; streamed if not. */
  readonly streamUpload?: boolean | undefined;
  readonly yes?: boolean | undefined;
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
  const { idsFrom, filter, since } = flags;
  if (idsFrom !== undefined && filter !== undefined) {
    throw usageError('--ids-from and --filter exclude each other.', 'Leave one of them out.');
  }
  return {
    since: since === undefined ? undefined : await openWhole([since], context),
    ids: idsFrom === undefined ? undefined : await readIdFile(idsFrom),
    transform: await transformOf(flags, context),
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
  const { read, resume, strict, parallel, batchSize, maxMemory, retries, rateLimit, partRows, partBytes } = flags;
  return {
    repositories,
    source: { provider: store.provider, version: store.version, url: store.url },
    storage: place.storage,
    id: place.id,
    tool: { name: 'vecport', version: packageVersion() },
    selection: { filter: flags.filter, fields: flags.fields, excludeFields: flags.excludeFields },
    limit: flags.limit,
    nonFinite: flags.quarantineNonFinite === true ? 'quarantine' : undefined,
    ...files,
    ...{ read, resume, strict, parallel, batchSize, maxMemory, retries, rateLimit, partRows, partBytes },
    workers: flags.workers,
    retrieveBatch: flags.retrieveBatch ?? halfOf(batchSize),
    timeoutMs: flags.timeout,
    layout: flags.layout,
    keyField: flags.keyField,
    encoding: encodingFrom(flags),
    keepState: flags.debug,
    signal,
    onProgress: progress.listen({ ...PHASES, read: 'Exporting' }, createProgressMeter()),
  };
}

/** How the files are written. @throws VecportError `invalid-argument` for what there is not, or what excludes each other. */
export function encodingFrom(flags: ExportFlags): PartEncoding {
  const { strategy, compression, encoding, rowGroupSize: rowGroupRows, layout = 'native', convert = false } = flags;
  const lines = strategy?.startsWith('ndjson-') === true;
  if (convert && !lines) {
    throw usageError(
      '--convert makes Parquet of NDJSON.',
      'Choose --strategy ndjson-gz or ndjson-zst, or leave it out.',
    );
  }
  if (convert) return encodingOf(strategy, { compression });
  // Not every tool reads floats whose bytes are split.
  const vectors = encoding ?? (layout === 'native' || lines ? undefined : 'plain');
  return encodingOf(strategy, { compression, vectors, rowGroupRows });
}

/** What NDJSON is converted to in the end; `undefined` when it is to stay. */
export function convertedEncoding({
  convert,
  encoding: vectors,
  rowGroupSize: rowGroupRows,
}: ExportFlags): PartEncoding | undefined {
  return convert === true ? encodingOf(undefined, { vectors, rowGroupRows }) : undefined;
}

// A point that is got by its id brings its vector: a request for as many as a page of ids would be too large.
function halfOf(batchSize: number | undefined): number | undefined {
  return batchSize === undefined ? undefined : Math.max(1, Math.floor(batchSize / 2));
}
