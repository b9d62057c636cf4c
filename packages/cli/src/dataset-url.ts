import { schemeOf } from '@vecport/abstractions';

/** What a dataset's name may look like. */
export const DATASET_ID = /^[a-z0-9_-]{1,128}$/;

const LONGEST_STEM = 100;

/** Whether a URL names a folder of datasets (it ends in `/`) and not one dataset. */
export function isFolderOfDatasets(url: string): boolean {
  return /[/\\]$/.test(splitQuery(url).path);
}

/** The URL of the dataset `id` in a folder of datasets. */
export function datasetIn(folder: string, id: string): string {
  const { path, query } = splitQuery(folder);
  return `${path}${id}${query}`;
}

/** The URL of the dataset called `id` in the folder in which another one lies; `undefined` when that is no name of one. */
export function besideDataset(url: string, id: string): string | undefined {
  const { path, query } = splitQuery(url);
  if (id === '.' || id === '..' || /[/\\:]/.test(id)) return undefined;
  return `${path.replace(/[/\\]$/, '').replace(/[^/\\:]*$/, '')}${id}${query}`;
}

/** The last folder of a dataset URL: the name the dataset gets. */
export function datasetName(url: string): string {
  const { path } = splitQuery(url);
  return path.split(/[/\\:]/).findLast((part) => part !== '' && part !== '.') ?? 'dataset';
}

/**
 * A name for a new export, e.g. `emoji-20261121t084012z`: what it holds and when it began (UTC), in
 * characters that every file system and bucket takes. `attempt` counts from 1 and tells apart those
 * of the same second.
 */
export function exportId(collections: readonly string[], startedAt: Date, attempt = 1): string {
  const stem = collections
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, LONGEST_STEM);
  const time = startedAt
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
    .toLowerCase();
  return [stem === '' ? 'export' : stem, time, ...(attempt === 1 ? [] : [attempt])].join('-');
}

// A question mark belongs to a path on disk, and begins the query of a URL.
function splitQuery(url: string): { readonly path: string; readonly query: string } {
  const scheme = schemeOf(url);
  const at = scheme === undefined || scheme === 'file' ? -1 : url.indexOf('?');
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at) };
}
