import { summarizeDataset } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { FoundDataset } from '@vecport/transfer';
import type { CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { encodingText } from '../output/encoding-text.js';
import { formatBytes, formatCount } from '../output/format.js';
import { renderTable } from '../output/render-table.js';

/** All exports in a storage, or those of one collection; what is not complete is among them. */
export function listOutcome(
  root: Storage,
  found: readonly FoundDataset[],
  collection: string | undefined,
): CommandOutcome {
  const entries = found
    .map(entryOf)
    .filter(({ collections }) => collection === undefined || collections?.includes(collection) === true);
  return {
    exitCode: EXIT_CODES.done,
    text:
      entries.length === 0
        ? `There is no export${collection === undefined ? '' : ` of '${collection}'`} in ${root.url}.`
        : `${table(entries)}\n${root.url}`,
    json: { command: 'download', list: true, url: root.url, exports: entries },
  };
}

interface Entry {
  readonly folder: string;
  readonly state: 'complete' | 'unfinished' | 'unreadable';
  readonly collections?: readonly string[] | undefined;
  readonly exportedAt?: string | undefined;
  readonly points?: number | undefined;
  /** Not all points of the collections were exported. */
  readonly partial?: boolean | undefined;
  readonly bytes?: number | undefined;
  readonly files?: number | undefined;
  readonly encoding?: string | undefined;
  readonly problem?: string | undefined;
}

function entryOf({ folder, dataset, problem }: FoundDataset): Entry {
  if (dataset === undefined) return { folder, state: problem === undefined ? 'unfinished' : 'unreadable', problem };
  const { collections, completedAt, points, bytes, parts, encoding } = summarizeDataset(dataset.manifest);
  return {
    folder,
    state: 'complete',
    collections: collections.map(({ name }) => name),
    exportedAt: completedAt,
    partial: collections.some((collection) => collection.partial),
    ...{ points, bytes, files: parts, encoding: encodingText(encoding) },
  };
}

function table(entries: readonly Entry[]): string {
  return renderTable(
    [
      { title: 'Export' },
      { title: 'Collections' },
      { title: 'Exported' },
      { title: 'Points', align: 'right' },
      { title: 'Files', align: 'right' },
      { title: 'Bytes', align: 'right' },
      { title: 'Files are' },
    ],
    entries.map(({ folder, state, collections, exportedAt, points, partial, files, bytes, encoding, problem }) => [
      folder === '' ? '.' : folder,
      collections?.join(', ') ?? '',
      exportedAt ?? problem ?? state,
      points === undefined ? '' : `${formatCount(points)}${partial === true ? ', not all' : ''}`,
      files === undefined ? '' : formatCount(files),
      bytes === undefined ? '' : formatBytes(bytes),
      encoding ?? '',
    ]),
  );
}
