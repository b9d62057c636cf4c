import { isVecportError, VecportError } from '@vecport/abstractions';
import { type Dataset, openDataset, openDatasetChain, openForeignDataset } from '@vecport/dataset';
import { createProgressMeter } from '@vecport/transfer';
import type { CommandContext } from './command-context.js';
import { openDatasetStorage, type PlaceContext } from './dataset-place.js';
import { besideDataset } from './dataset-url.js';
import type { LayoutFlags } from './shared-options.js';
import { usageError } from './usage-error.js';

/** Where variables and progress are. */
export type OpenContext = PlaceContext & Pick<CommandContext, 'progress'>;

/**
 * The dataset that URLs name: one, or one and its increments, the oldest first. Where the first is an increment, what it
 * was made against is looked for beside it, under its name. With a layout, files of another tool that have no manifest.
 * @throws VecportError `invalid-argument` when one is missing or does not belong there, by name.
 */
export async function openWhole(
  urls: readonly string[],
  context: OpenContext,
  flags: LayoutFlags = {},
): Promise<Dataset> {
  const { signal } = context;
  if (flags.layout !== undefined || flags.metric !== undefined) return openOther(urls, context, flags);
  const datasets: Dataset[] = [];
  for (const url of urls) datasets.push(await openOne(url, context));
  let [first] = datasets;
  while (first?.manifest.parent !== undefined) {
    first = await openBeside(urls[0] ?? '', first.manifest.parent.id, context);
    if (first !== undefined) datasets.unshift(first);
  }
  return openDatasetChain(datasets, { signal });
}

/** One dataset, without what it may be an increment to. */
export async function openOne(url: string, context: PlaceContext): Promise<Dataset> {
  try {
    return await openDataset(await openDatasetStorage(url, context), { signal: context.signal });
  } catch (error) {
    if (!isVecportError(error) || !/^There is no dataset in /.test(error.reason)) throw error;
    const advice =
      'Name the folder that holds the manifest; or, for files of another tool, their layout with --layout.';
    throw new VecportError(error.code, error.reason, { advice, cause: error });
  }
}

async function openOther(
  urls: readonly string[],
  context: OpenContext,
  { layout, metric, collection }: LayoutFlags,
): Promise<Dataset> {
  const { signal, progress } = context;
  const [url, another] = urls;
  if (layout === undefined || layout === 'native') {
    throw usageError('--metric is for files of another tool.', 'Name their layout with --layout, or leave it out.');
  }
  if (url === undefined || another !== undefined) {
    throw usageError('--layout reads the files of one folder.', 'Name one, and no increments.');
  }
  const tell = progress.listen({ read: '', validate: 'Reading', verify: '' }, createProgressMeter());
  const dataset = await openForeignDataset(await openDatasetStorage(url, context), {
    layout,
    metric,
    collection,
    signal,
    onProgress: (done) => tell({ phase: 'validate', collection: 'files', done, bytes: 0 }),
  });
  progress.end();
  return dataset;
}

async function openBeside(url: string, id: string, context: PlaceContext): Promise<Dataset | undefined> {
  const beside = besideDataset(url, id);
  if (beside === undefined) return undefined;
  try {
    const dataset = await openDataset(await openDatasetStorage(beside, context), { signal: context.signal });
    return dataset.manifest.id === id ? dataset : undefined;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-found') return undefined;
    throw error;
  }
}
