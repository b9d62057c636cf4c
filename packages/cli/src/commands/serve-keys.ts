import {
  type ApiKeyRecord,
  createApiKey,
  type Grant,
  grantSchema,
  readApiKeys,
  removeApiKey,
  storeApiKey,
} from '@vecport/export-service';
import type { CommandOutcome } from '../command-context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { usageError } from '../usage-error.js';

/** What can be typed about keys. */
interface KeyFlags {
  readonly addKey?: string | undefined;
  readonly grant?: readonly string[] | undefined;
  readonly listKeys?: boolean | undefined;
  readonly removeKey?: string | undefined;
}

/**
 * Make, list or remove API keys in the data folder of a service, as the flags say; `undefined` when they say nothing of
 * it. A service that is running knows of it with its next request.
 */
export async function changeKeys(flags: KeyFlags, folder: string): Promise<CommandOutcome | undefined> {
  const { addKey: added, grant, listKeys: listed = false, removeKey: removed } = flags;
  const asked = [added !== undefined, listed, removed !== undefined].filter(Boolean).length;
  if (asked > 1) throw usageError('--add-key, --list-keys and --remove-key exclude each other.', 'Give one of them.');
  if (added !== undefined) return addKey(added, grant ?? [], folder);
  if (grant !== undefined) throw usageError('--grant belongs to --add-key.', 'Name the key with --add-key.');
  if (listed) return listKeys(folder);
  return removed === undefined ? undefined : removeKey(removed, folder);
}

async function addKey(name: string, texts: readonly string[], folder: string): Promise<CommandOutcome> {
  if (texts.length === 0) throw usageError('The key would allow nothing.', 'Say what with --grant, e.g. read:*.');
  const { key, record } = createApiKey(name, texts.map(grantOf));
  await storeApiKey(folder, record);
  return {
    exitCode: EXIT_CODES.done,
    text: `${key}\nThis is the only time it is shown. It works at once, also for a service that is running.`,
    json: { command: 'serve', key, id: record.id, grants: record.grants },
  };
}

async function listKeys(folder: string): Promise<CommandOutcome> {
  const keys = await readApiKeys(folder);
  return {
    exitCode: EXIT_CODES.done,
    text: keys.length === 0 ? 'There are no keys.' : keys.map(lineOf).join('\n'),
    json: { command: 'serve', keys: keys.map(({ sha256: _sha256, ...shown }) => shown) },
  };
}

async function removeKey(idOrName: string, folder: string): Promise<CommandOutcome> {
  const { id, name } = await removeApiKey(folder, idOrName);
  return {
    exitCode: EXIT_CODES.done,
    text: `The key ${id} (${name}) is removed. It is refused at once, also by a service that is running.`,
    json: { command: 'serve', removed: id },
  };
}

function lineOf({ id, name, grants, expiresAt }: ApiKeyRecord): string {
  const rights = grants.map(({ action, collections }) => [action, ...(collections ?? [])].join(':'));
  return `${id}  ${name}  ${rights.join(' ')}${expiresAt === undefined ? '' : `  until ${expiresAt}`}`;
}

function grantOf(text: string): Grant {
  const [action = '', ...patterns] = text.split(':');
  const collections = patterns.length === 0 ? {} : { collections: [patterns.join(':')] };
  const grant = grantSchema.safeParse({ action, ...collections });
  if (grant.success) return grant.data;
  throw usageError(`'${text}' is no right.`, 'Write read, manage, admin or metrics, a colon and a pattern: read:Art*.');
}
