import { isVecportError } from '@vecport/abstractions';
import { type Dataset, openDataset, openDatasetChain } from '@vecport/dataset';
import { openDatasetStorage } from './dataset-place.js';
import { besideDataset } from './dataset-url.js';

/**
 * The dataset that URLs name: one, or one and its increments, the oldest first. Where the first is an increment, what it
 * was made against is looked for beside it, under its name.
 * @throws VecportError `invalid-argument` when one is missing or does not belong there, by name.
 */
export async function openWhole(urls: readonly string[], signal: AbortSignal): Promise<Dataset> {
  const datasets: Dataset[] = [];
  for (const url of urls) datasets.push(await openDataset(await openDatasetStorage(url), { signal }));
  let [first] = datasets;
  while (first?.manifest.parent !== undefined) {
    first = await openBeside(urls[0] ?? '', first.manifest.parent.id, signal);
    if (first !== undefined) datasets.unshift(first);
  }
  return openDatasetChain(datasets, { signal });
}

async function openBeside(url: string, id: string, signal: AbortSignal): Promise<Dataset | undefined> {
  const beside = besideDataset(url, id);
  if (beside === undefined) return undefined;
  try {
    const dataset = await openDataset(await openDatasetStorage(beside), { signal });
    return dataset.manifest.id === id ? dataset : undefined;
  } catch (error) {
    if (isVecportError(error) && error.code === 'not-found') return undefined;
    throw error;
  }
}
