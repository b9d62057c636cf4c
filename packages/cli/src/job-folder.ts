import { hash } from 'node:crypto';
import type { Storage } from '@vecport/storage';
import type { CommandContext } from './command-context.js';
import { openDatasetStorage } from './dataset-place.js';

/** Folder of unfinished work when nobody says where. */
const FOLDER = '.vecport';

/**
 * Where work that writes into a store remembers how far it is: the folder that was asked for, or one of its own in
 * `.vecport` (or the folder `VECPORT_STATE` names), named after what is done, so that the same command line finds it again.
 */
export async function openJobFolder(
  kind: 'import' | 'migrate',
  parts: readonly (string | undefined)[],
  asked: string | undefined,
  context: Pick<CommandContext, 'environment' | 'terminal'>,
): Promise<Storage> {
  if (asked !== undefined) return openDatasetStorage(asked, context);
  const name = hash('sha256', JSON.stringify(parts), 'hex').slice(0, 12);
  // Opened at the common folder, so that the work's own disappears with its last file.
  const folder = context.terminal.env['VECPORT_STATE'] ?? FOLDER;
  return (await openDatasetStorage(folder, context)).within(`${kind}-${name}`);
}
