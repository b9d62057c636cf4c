import { hash } from 'node:crypto';
import type { Storage } from '@vecport/storage';
import { openDatasetStorage } from './dataset-place.js';

/** Folder of unfinished work when nobody says where. */
const FOLDER = '.vecport';

/**
 * Where work that writes into a store remembers how far it is: the folder that was asked for, or one of its own in
 * `.vecport`, named after what is done, so that the same command line finds it again.
 */
export async function openJobFolder(
  kind: 'import' | 'migrate',
  parts: readonly (string | undefined)[],
  asked: string | undefined,
): Promise<Storage> {
  const name = hash('sha256', JSON.stringify(parts), 'hex').slice(0, 12);
  return openDatasetStorage(asked ?? `${FOLDER}/${kind}-${name}`);
}
