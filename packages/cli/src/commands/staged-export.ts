import { hash } from 'node:crypto';
import { schemeOf, VecportError } from '@vecport/abstractions';
import { convertDataset, openDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { copyDataset, type ExportReport, type ExportRequest, exportDataset } from '@vecport/transfer';
import type { CommandContext } from '../command-context.js';
import { commandLine, resumeArguments } from '../command-line.js';
import { type DatasetPlace, openDatasetStorage, type PlaceRequest, placeExport } from '../dataset-place.js';
import { datasetIn, isFolderOfDatasets } from '../dataset-url.js';
import { CommandError } from '../failure.js';
import { formatBytes, plural } from '../output/format.js';
import { usageError } from '../usage-error.js';
import { exportConverted } from './convert-export.js';
import { convertedEncoding, type ExportFlags } from './export-flags.js';

/** Where an export goes that is written to disk first. */
export interface StagedPlace extends DatasetPlace {
  /** The folder on disk. */
  readonly staging: Storage;
  /** The folder on disk for files that are converted and whose originals are kept. */
  readonly converted: Storage;
}

type StagingFlags = Pick<ExportFlags, 'streamUpload' | 'debug' | 'resume' | 'yes'>;

/**
 * Whether an export to this URL is written to disk and then uploaded.
 * @throws VecportError `invalid-argument` where `--debug` and `--stream-upload` are both said.
 */
export function isStaged(to: string, { streamUpload, debug = false }: StagingFlags): boolean {
  const scheme = schemeOf(to);
  if (scheme === undefined || scheme === 'file') return false;
  if (debug && streamUpload === true) {
    throw usageError(
      '--debug keeps the files and asks before they are uploaded, --stream-upload keeps none.',
      'Leave one of them out.',
    );
  }
  return debug || streamUpload === false;
}

/**
 * Where such an export goes. The files are in a folder of the target's own below `.vecport/staging` (or the folder
 * `VECPORT_STATE` names), where `--resume` finds them.
 * @throws VecportError `invalid-argument` where somebody is to be asked and nobody can be.
 */
export async function placeStaged(
  request: PlaceRequest,
  { debug = false, yes = false }: StagingFlags,
  context: CommandContext,
): Promise<StagedPlace> {
  const { to, resume } = request;
  if (debug && !yes && context.terminal.confirm === undefined) {
    throw usageError(
      '--debug asks before it uploads, and there is no terminal to ask on.',
      'Add --yes to upload without being asked.',
    );
  }
  const folder = `${stateFolder(context)}/staging/${hash('sha256', to, 'hex').slice(0, 12)}/`;
  const target = await placeExport({ ...request, resume: false }, context);
  if (!resume) await refuseFull(target.storage, context.signal);
  const staged = resume && isFolderOfDatasets(to) ? await placeExport({ ...request, to: folder }, context) : undefined;
  const { id } = staged ?? target;
  const staging = await openDatasetStorage(folder, context);
  return {
    id,
    url: isFolderOfDatasets(to) ? datasetIn(to, id) : target.url,
    storage: staged === undefined ? target.storage : (await openDatasetStorage(to, context)).within(id),
    staging: staging.within(id),
    converted: staging.within(`${id}-parquet`),
  };
}

/** Export to disk, and upload; see {@link uploadStaged}. With `--debug`, files that are converted are kept as well. */
export async function exportStaged(
  place: StagedPlace,
  request: ExportRequest,
  flags: ExportFlags,
  context: CommandContext,
): Promise<ExportReport> {
  const { staging } = place;
  const own = { ...request, keepState: true };
  const encoding = convertedEncoding(flags);
  if (encoding === undefined || flags.debug !== true) {
    return uploadStaged(place, await exportConverted(staging, own, flags, context), flags, context);
  }
  const report = await exportDataset({ ...own, storage: staging });
  const { converted } = place;
  await removeAll(converted);
  const { signal } = context;
  const manifest = await convertDataset(await openDataset(staging, { signal }), {
    encoding,
    storage: converted,
    signal,
  });
  return uploadStaged({ ...place, staging: converted }, { ...report, manifest }, flags, context);
}

/**
 * Upload what was exported, after asking if that is wanted, and remove it from the disk unless `--debug` keeps it.
 * @throws CommandError `incomplete` when the answer was no: the files stay, and the command that uploads them is told.
 */
async function uploadStaged(
  place: StagedPlace,
  report: ExportReport,
  { debug = false, yes = false }: StagingFlags,
  context: CommandContext,
): Promise<ExportReport> {
  const { signal, progress, terminal, args } = context;
  const dataset = await openDataset(place.staging, { signal });
  const parts = report.manifest.collections.flatMap((collection) => collection.parts);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  progress.end();
  if (debug && !yes) {
    const question = `${plural(parts.length, 'file')} of ${formatBytes(bytes)} in ${place.staging.url}. Upload to ${place.storage.url}?`;
    if ((await terminal.confirm?.(question, signal)) !== true) {
      throw new CommandError(new VecportError('incomplete', 'Nothing was uploaded, as the answer was no.'), {
        begun: true,
        alsoResumable: ['incomplete'],
        advice: `The files are in ${place.staging.url}.`,
        resume: commandLine(resumeArguments(args, place.url), terminal.env),
      });
    }
  }
  await copyDataset({ dataset, target: place.storage, signal, onProgress: progress.bytes('Uploading') });
  if (!debug) await removeAll(place.staging);
  return { ...report, url: place.storage.url };
}

/** The export itself is made elsewhere, and would be told too late that its target is taken. */
async function refuseFull(target: Storage, signal: AbortSignal): Promise<void> {
  for await (const { path } of target.list('', { signal })) {
    throw new VecportError('already-exists', `${target.url} is not empty: it holds ${path}.`, {
      advice: 'Choose another place, or go on with --resume.',
    });
  }
}

async function removeAll(storage: Storage): Promise<void> {
  const paths: string[] = [];
  for await (const { path } of storage.list('')) paths.push(path);
  for (const path of paths) await storage.delete(path);
}

function stateFolder({ terminal }: CommandContext): string {
  return terminal.env['VECPORT_STATE'] ?? '.vecport';
}
