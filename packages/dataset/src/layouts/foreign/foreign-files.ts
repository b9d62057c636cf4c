import { type Metric, parseJson, VecportError } from '@vecport/abstractions';
import type { Storage, StorageOptions } from '@vecport/storage';
import { z } from 'zod';
import { readText } from '../../files.js';
import { assertLayoutPath, nameOfFolder } from '../../paths.js';
import { withVecportErrors } from '../../storage-errors.js';
import type { OtherLayout } from '../layout.js';
import { DEFAULT_NAMESPACE } from '../layout-files.js';
import { metricOfVdf, VDF_META_PATH } from '../vdf-meta.js';

/** A file that is not ours, and what its place says of it. */
export interface ForeignPlace {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** Absent where the file itself says so. */
  readonly collection?: string | undefined;
  readonly tenant?: string | undefined;
  /** What the dataset's description says. */
  readonly described?: DescribedIndex | undefined;
}

/** What `VDF_META.json` says of an index. */
export interface DescribedIndex {
  readonly idColumn: string;
  readonly vectorColumns: readonly string[];
  readonly metric?: Metric | undefined;
  readonly model?: string | undefined;
}

/** The files of a dataset in another tool's layout. */
export interface ForeignPlaces {
  readonly files: readonly ForeignPlace[];
  /** The tool the points come from, where that is said. */
  readonly provider?: string | undefined;
}

/**
 * Find the files of a dataset in another tool's layout.
 * @throws VecportError `not-found` where there are none, `corrupt-data` for a description that cannot be read or that
 * points outside of the folder, `invalid-argument` where a name has to be said.
 */
export async function findForeignFiles(
  storage: Storage,
  { layout, collection }: { readonly layout: OtherLayout; readonly collection?: string | undefined },
  options: StorageOptions,
): Promise<ForeignPlaces> {
  const entries = await parquetFiles(storage, '', options);
  if (layout === 'vdf') return vdfFiles(storage, entries, options);
  if (entries.length === 0) {
    throw new VecportError('not-found', `There is no Parquet file in ${storage.url}.`, {
      advice: 'Name the folder that holds the files.',
    });
  }
  return { files: entries.map((entry) => ({ ...entry, ...placeOf(layout, entry.path, storage, collection) })) };
}

type ParquetEntry = Pick<ForeignPlace, 'path' | 'bytes' | 'modifiedAt'>;

async function parquetFiles(
  storage: Storage,
  prefix: string,
  options: StorageOptions,
): Promise<readonly ParquetEntry[]> {
  const found: ParquetEntry[] = [];
  for await (const { path, size, modifiedAt } of withVecportErrors(storage).list(prefix, options)) {
    if (path.toLowerCase().endsWith('.parquet')) found.push({ path, bytes: size, modifiedAt });
  }
  return found;
}

function placeOf(
  layout: Exclude<OtherLayout, 'vdf'>,
  path: string,
  storage: Storage,
  wanted: string | undefined,
): Pick<ForeignPlace, 'collection' | 'tenant'> {
  const folders = path.split('/').slice(0, -1);
  const stem = (path.split('/').at(-1) ?? '').replace(/\.parquet$/i, '');
  switch (layout) {
    case 'weaviate':
      return {};
    case 'qdrant':
      return { collection: wanted ?? named(folders[0] ?? stem) };
    case 'pinecone': {
      const namespace = folders.at(-1);
      if (namespace === undefined) {
        throw new VecportError('invalid-argument', `${path} lies in no folder of a namespace.`, {
          advice: `Name the folder above those of the namespaces; files of the default one lie in '${DEFAULT_NAMESPACE}'.`,
        });
      }
      return { collection: wanted ?? named(folders.at(-2) ?? lastOf(storage.url)), tenant: named(namespace) };
    }
  }
}

function named(folder: string): string {
  return nameOfFolder(folder) ?? folder;
}

function lastOf(url: string): string {
  return url.replace(/\/+$/, '').split('/').at(-1) ?? url;
}

const vdfSchema = z.object({
  exported_from: z.string().optional(),
  id_column: z.string().nullish(),
  indexes: z.record(
    z.string().min(1),
    z.array(
      z.object({
        namespace: z.string().nullish(),
        model_name: z.string().nullish(),
        vector_columns: z.array(z.string()).min(1).optional(),
        data_path: z.string(),
        metric: z.string().nullish(),
      }),
    ),
  ),
});

async function vdfFiles(
  storage: Storage,
  entries: readonly ParquetEntry[],
  options: StorageOptions,
): Promise<ForeignPlaces> {
  const { indexes, exported_from: provider, id_column: idColumn } = await readVdfMeta(storage, options);
  const files = Object.entries(indexes).flatMap(([collection, namespaces]) => {
    const divided = namespaces.length > 1 || namespaces.some(({ namespace }) => (namespace ?? '') !== '');
    return namespaces.flatMap(({ namespace, data_path: path, ...meta }) => {
      const tenant = divided ? namespace || DEFAULT_NAMESPACE : undefined;
      const { vector_columns: vectorColumns = ['vector'], model_name: model, metric } = meta;
      const described = {
        idColumn: idColumn || 'id',
        vectorColumns,
        model: model || undefined,
        metric: metricOf(metric, collection),
      };
      return filesBelow(entries, path).map((entry) => ({ ...entry, collection, tenant, described }));
    });
  });
  const twice = files.find(({ path }, at) => files.findIndex((other) => other.path === path) !== at);
  if (twice !== undefined)
    throw new VecportError('corrupt-data', `${VDF_META_PATH} names the file ${twice.path} twice.`);
  return { files, provider };
}

async function readVdfMeta(storage: Storage, options: StorageOptions): Promise<z.infer<typeof vdfSchema>> {
  const text = await readText(storage, VDF_META_PATH, options);
  if (text === undefined) {
    throw new VecportError('not-found', `There is no ${VDF_META_PATH} in ${storage.url}.`, {
      advice: 'Name the folder that holds it.',
    });
  }
  const parsed = vdfSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VecportError(
    'corrupt-data',
    `${VDF_META_PATH} is not as VDF has it: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

/** Some versions write the path with the name of the dataset's own folder before it. */
function filesBelow(entries: readonly ParquetEntry[], path: string): readonly ParquetEntry[] {
  const folder = path.replace(/^(?:\.\/)+|\/+$/g, '');
  if (folder === '.' || folder === '') return entries;
  assertLayoutPath(`${folder}/x.parquet`);
  const below = entries.filter((entry) => entry.path.startsWith(`${folder}/`));
  const inner = folder.replace(/^[^/]*\//, '');
  const found = below.length > 0 ? below : entries.filter((entry) => entry.path.startsWith(`${inner}/`));
  if (found.length > 0) return found;
  throw new VecportError('corrupt-data', `${VDF_META_PATH} names the folder '${path}', which holds no Parquet file.`);
}

function metricOf(name: string | null | undefined, index: string): Metric | undefined {
  if (name === null || name === undefined || name === '') return undefined;
  const metric = metricOfVdf(name);
  if (metric !== undefined) return metric;
  throw new VecportError(
    'not-supported',
    `${VDF_META_PATH} gives '${index}' the metric '${name}', which is not known.`,
  );
}
