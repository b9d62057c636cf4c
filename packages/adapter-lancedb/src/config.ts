import { type SettingSpec, type StoreAddress, splitPathUrl } from '@vecport/abstractions';

/** The adapter's name, as errors and reports print it. */
export const PROVIDER = 'lancedb';

/** Where tables are kept when nobody says. */
export const DEFAULT_PATH = './data/lancedb';

/** What the adapter can be told. */
export const SETTINGS: readonly SettingSpec[] = Object.freeze([
  {
    name: 'path',
    description: 'Folder with the LanceDB tables; made when the first table is.',
    env: ['LANCEDB_PATH'],
    default: DEFAULT_PATH,
  },
]);

/**
 * Split `lancedb:<folder>` or `lancedb:<folder>#<table>`. A relative folder is relative to the
 * working directory.
 * @throws VecportError `invalid-argument` when there is no folder.
 */
export function parseUrl(url: string): StoreAddress {
  const { path, fragment } = splitPathUrl(url);
  return { settings: { path }, collection: fragment };
}
