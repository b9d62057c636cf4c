import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isVecportError, type JsonValue, VecportError } from '@vecport/abstractions';
import {
  type Dataset,
  type DatasetSummary,
  dataPaths,
  inspectCollection,
  openDataset,
  summarizeDataset,
} from '@vecport/dataset';
import { localStorage } from '@vecport/storage';

/** Numbers of a vector that a preview shows. */
const SHOWN_NUMBERS = 8;

/** A folder below the exports. */
interface ExportEntry {
  readonly name: string;
  /** `unfinished`: it was interrupted, or is being written. */
  readonly state: 'complete' | 'unfinished' | 'damaged';
  readonly summary?: DatasetSummary | undefined;
  /** Why it is not complete. */
  readonly reason?: string | undefined;
}

/** A record of an export, to look at. */
interface PreviewedRecord {
  readonly id: string;
  readonly metadata: JsonValue | undefined;
  /** The first numbers of its dense vector; absent where it has none. */
  readonly vector?: readonly number[] | undefined;
  readonly dimension?: number | undefined;
}

/** The exports of this application. Names are those of folders; one that could lead elsewhere is `not-found`. */
export interface ExportList {
  /** By name, the latest begun last. What is no dataset is left out. */
  list(signal?: AbortSignal): Promise<readonly ExportEntry[]>;
  /** @throws VecportError `not-found`, `incomplete`, `corrupt-data`. */
  open(name: string, signal?: AbortSignal): Promise<Dataset>;
  /** Names of its files, the manifest among them. */
  files(dataset: Dataset): readonly string[];
  /** The first records of a collection; of the only one if no name is said. */
  preview(dataset: Dataset, collection: string | undefined, limit: number): Promise<readonly PreviewedRecord[]>;
}

/** The exports below a folder, which need not exist. */
export function createExportList(folder: string): ExportList {
  const open: ExportList['open'] = async (name, signal) => {
    if (!/^[a-z0-9][\w.-]*$/i.test(name)) {
      throw new VecportError('not-found', `There is no export ${JSON.stringify(name)}.`);
    }
    return openDataset(localStorage(join(folder, name)), { signal });
  };
  return {
    open,
    list: async (signal) => {
      const entries: ExportEntry[] = [];
      for (const name of await foldersIn(folder)) {
        const entry = await entryOf(name, async () => open(name, signal));
        signal?.throwIfAborted();
        if (entry !== undefined) entries.push(entry);
      }
      return entries;
    },
    files: ({ manifest }) => ['manifest.json', ...dataPaths(manifest)],
    preview: async (dataset, collection, limit) => {
      const { sample } = await inspectCollection(dataset, dataset.collection(collection), { sample: limit });
      return sample.map(({ id, metadata, embedding }) => ({
        id,
        metadata,
        vector: embedding && [...embedding.subarray(0, SHOWN_NUMBERS)],
        dimension: embedding?.length,
      }));
    },
  };
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function entryOf(name: string, open: () => Promise<Dataset>): Promise<ExportEntry | undefined> {
  try {
    return { name, state: 'complete', summary: summarizeDataset((await open()).manifest) };
  } catch (error) {
    if (!isVecportError(error)) throw error;
    if (error.code === 'not-found') return undefined;
    return { name, state: error.code === 'incomplete' ? 'unfinished' : 'damaged', reason: error.reason };
  }
}
