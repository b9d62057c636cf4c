import { join } from 'node:path';
import { redactUrl, VecportError } from '@vecport/abstractions';
import { type Dataset, folderName, type PartEntry, summarizeDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import { downloadDataset, type FoundDataset, findDatasets, latestDataset } from '@vecport/transfer';
import type { CommandContext, CommandOutcome } from '../command-context.js';
import { commandLine } from '../command-line.js';
import { openDatasetStorage } from '../dataset-place.js';
import { isFolderOfDatasets } from '../dataset-url.js';
import { bucketOf } from '../default-target.js';
import { EXIT_CODES } from '../exit-codes.js';
import { CommandError } from '../failure.js';
import { encodingText } from '../output/encoding-text.js';
import { formatBytes, formatDuration, plural } from '../output/format.js';
import { usageError } from '../usage-error.js';
import { listOutcome } from './download-list.js';

/** What can be typed after `vecport download`. */
export interface DownloadFlags {
  readonly list?: boolean | undefined;
  readonly collection?: string | undefined;
  readonly from?: string | undefined;
  readonly id?: string | undefined;
  readonly output?: string | undefined;
  readonly force?: boolean | undefined;
  readonly parallel?: number | undefined;
}

/** Fetch an export from a bucket to disk; or list what there is. */
export async function runDownload(flags: DownloadFlags, context: CommandContext): Promise<CommandOutcome> {
  const from = flags.from ?? (await bucketOf(context));
  if (from === undefined) {
    throw usageError(
      'No bucket is named.',
      'Name it with --from, e.g. s3://bucket/, or set R2_BUCKET or SUPABASE_BUCKET.',
    );
  }
  const root = await openDatasetStorage(from, context);
  const found = await findDatasets(root, { signal: context.signal });
  const collection = await collectionOf(flags, isFolderOfDatasets(from), context);
  if (flags.list === true) return listOutcome(root, found, flags.collection);
  for (const { folder, problem } of found) {
    if (problem !== undefined) context.note(`${folder === '' ? 'the dataset' : folder} is left out: ${problem}`);
  }
  const chosen = chosenFrom(found, root, { collection, id: flags.id });
  return fetchChosen(chosen, { flags, collection }, context);
}

/** A complete dataset. */
interface Chosen {
  readonly folder: string;
  readonly dataset: Dataset;
}

/** Of a bucket, the collection that was asked for or that the environment names; of a dataset that was named itself, any. */
async function collectionOf(
  { collection }: DownloadFlags,
  several: boolean,
  { environment }: CommandContext,
): Promise<string | undefined> {
  if (collection !== undefined || !several) return collection;
  const { variables } = await environment();
  return variables['QDRANT_COLLECTION_NAME'] || variables['VECPORT_COLLECTION'] || undefined;
}

interface Wanted {
  readonly collection?: string | undefined;
  readonly id?: string | undefined;
}

function chosenFrom(found: readonly FoundDataset[], root: Storage, { collection, id }: Wanted): Chosen {
  const candidates =
    id === undefined ? found : found.filter(({ folder, dataset }) => dataset?.manifest.id === id || folder === id);
  const latest = latestDataset(candidates, collection);
  if (latest?.dataset !== undefined) return { folder: latest.folder, dataset: latest.dataset };
  const [unfinished] = candidates;
  const what = [
    id === undefined ? '' : ` called '${id}'`,
    collection === undefined ? '' : ` of the collection '${collection}'`,
  ].join('');
  throw new VecportError('not-found', `There is no complete export${what} in ${root.url}.`, {
    advice:
      unfinished === undefined || collection !== undefined
        ? 'See what there is with --list.'
        : `${unfinished.folder === '' ? 'The one there' : unfinished.folder} is not complete: end it with its export command and --resume.`,
  });
}

interface Fetch {
  readonly flags: DownloadFlags;
  readonly collection: string | undefined;
}

async function fetchChosen(
  { dataset, folder }: Chosen,
  { flags, collection }: Fetch,
  context: CommandContext,
): Promise<CommandOutcome> {
  const { force, parallel } = flags;
  const { signal, progress, args, terminal } = context;
  const begun = performance.now();
  const { to, part } = placeFor(dataset, flags.output, collection);
  try {
    const onProgress = progress.bytes(`Downloading ${folder === '' ? dataset.manifest.id : folder}`);
    const report = await downloadDataset({ dataset, part, to, force, parallel, signal, onProgress });
    const milliseconds = performance.now() - begun;
    return outcomeOf(dataset, { ...report, milliseconds, single: part !== undefined });
  } catch (error) {
    throw new CommandError(error, { damaged: true, begun: true, resume: commandLine(args, terminal.env) });
  }
}

/**
 * Where an export is put: one that is a single Parquet file as `<collection>/latest.parquet`, any other as a folder
 * `<collection>/<id>`.
 */
function placeFor(
  { manifest }: Dataset,
  output: string | undefined,
  collection: string | undefined,
): { readonly to: string; readonly part?: PartEntry | undefined } {
  const folder = folderName(collection ?? manifest.collections.map(({ name }) => name).join('-'));
  const parts = manifest.collections.flatMap((entry) => entry.parts);
  const [only] = parts;
  const single =
    parts.length === 1 && only?.path.endsWith('.parquet') === true && manifest.parent === undefined ? only : undefined;
  if (output === undefined) {
    return single === undefined
      ? { to: join(folder, folderName(manifest.id)) }
      : { to: join(folder, 'latest.parquet'), part: single };
  }
  if (!output.endsWith('.parquet')) return { to: output };
  if (single !== undefined) return { to: output, part: single };
  throw usageError(
    `The export '${manifest.id}' has ${plural(parts.length, 'file')} (${encodingText(manifest.encoding)}), and --output names one.`,
    'Name a folder; DuckDB, pyarrow and Polars read its files together.',
  );
}

interface Fetched {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly kept: number;
  readonly milliseconds: number;
  readonly single: boolean;
}

function outcomeOf(dataset: Dataset, fetched: Fetched): CommandOutcome {
  const { path, files, bytes, kept, milliseconds, single } = fetched;
  const { id, collections, completedAt, points } = summarizeDataset(dataset.manifest);
  const rate = milliseconds > 0 ? `, ${formatBytes(((bytes - kept) / milliseconds) * 1000)}/s` : '';
  const earlier = kept === 0 ? '' : `; ${formatBytes(kept)} were there from an earlier run`;
  return {
    exitCode: EXIT_CODES.done,
    text: [
      `${collections.map(({ name }) => name).join(', ')}: ${plural(points, 'point')}, exported ${completedAt}`,
      `From ${dataset.storage.url}`,
      `${plural(files, 'file')}, ${formatBytes(bytes)} in ${formatDuration(milliseconds)}${rate}${earlier}. Every checksum was verified.`,
      path,
    ].join('\n'),
    json: {
      command: 'download',
      id,
      from: redactUrl(dataset.storage.url),
      path,
      ...{ single, files, bytes, kept, points, completedAt, milliseconds: Math.round(milliseconds) },
      collections: collections.map(({ name }) => name),
    },
  };
}
