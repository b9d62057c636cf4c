import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import { parseFile, readJson } from '../read-json.js';
import { type ApiKeyRecord, apiKeySchema } from './api-keys.js';

const KEYS_FILE = 'keys.json';
const keysSchema = z.array(apiKeySchema).readonly();

/** The API keys of a service, without the keys themselves. @throws VecportError `invalid-argument` for a wrong file. */
export async function readApiKeys(folder: string): Promise<readonly ApiKeyRecord[]> {
  return (await readJson(join(folder, KEYS_FILE), keysSchema)) ?? [];
}

/** Add an API key. Running services know it with their next request. Only the file's owner may read it. */
export async function storeApiKey(folder: string, record: ApiKeyRecord): Promise<void> {
  await writeKeys(folder, [...(await readApiKeys(folder)), record]);
}

/**
 * Remove the API key with this id, or the one with this name. Running services refuse it from their next request on.
 * @throws VecportError `not-found` when there is none, `invalid-argument` when several have the name.
 */
export async function removeApiKey(folder: string, idOrName: string): Promise<ApiKeyRecord> {
  const keys = await readApiKeys(folder);
  const byId = keys.filter(({ id }) => id === idOrName);
  const found = byId.length > 0 ? byId : keys.filter(({ name }) => name === idOrName);
  const [record] = found;
  if (record === undefined) throw new VecportError('not-found', `There is no API key '${idOrName}'.`);
  if (found.length > 1) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new VecportError('invalid-argument', `Several keys are called '${idOrName}'.`, {
      advice: `Name one by its id: ${ids}.`,
    });
  }
  await writeKeys(
    folder,
    keys.filter((key) => key !== record),
  );
  return record;
}

/**
 * The API keys of a folder as they are now: the file is looked at with every call, and read again when it has changed.
 * From one that cannot be read the keys known before still count, and `onError` is told once.
 * @throws VecportError `invalid-argument` at once, for a wrong file.
 */
export function watchApiKeys(folder: string, onError: (error: unknown) => void): () => readonly ApiKeyRecord[] {
  const path = join(folder, KEYS_FILE);
  let version = versionOf(path);
  let keys = readNow(path);
  return () => {
    const now = versionOf(path);
    if (now === version) return keys;
    version = now;
    try {
      keys = readNow(path);
    } catch (error) {
      onError(error);
    }
    return keys;
  };
}

/** Differs after every change: the file is replaced, never written in place, by us; others change its time. */
function versionOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

function readNow(path: string): readonly ApiKeyRecord[] {
  const there = versionOf(path) !== '';
  return parseFile(path, there ? readFileSync(path, 'utf8') : undefined, keysSchema) ?? [];
}

async function writeKeys(folder: string, keys: readonly ApiKeyRecord[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${KEYS_FILE}.${randomBytes(8).toString('hex')}`);
  await writeFile(temporary, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, join(folder, KEYS_FILE));
}
