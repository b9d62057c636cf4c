import { stringifyJson, VecportError } from '@vecport/abstractions';
import type { Storage, StorageOptions } from '@vecport/storage';
import { createOneEnding } from './one-ending.js';
import { withVecportErrors } from './storage-errors.js';

/** No file of text we write comes near: a part takes some 700 bytes in a manifest. Bounds the memory to read one. */
const MAX_TEXT_BYTES = 2 ** 28;

/**
 * The text of a file, `undefined` where there is none.
 * @throws VecportError as {@link withVecportErrors} says; `corrupt-data` when it is not UTF-8
 * or has more than 256 MiB.
 */
export async function readText(storage: Storage, path: string, options?: StorageOptions): Promise<string | undefined> {
  const files = withVecportErrors(storage);
  const entry = await files.head(path, options);
  if (entry === undefined) return undefined;
  if (entry.size > MAX_TEXT_BYTES) {
    throw new VecportError('corrupt-data', `${path} in ${storage.url} has ${entry.size} bytes, too many to be ours.`);
  }
  const bytes = await files.read(path, undefined, options);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new VecportError('corrupt-data', `${path} in ${storage.url} is not text in UTF-8.`, { cause });
  }
}

/** Write a file of text, durably and visible whole or not at all; replaces an older one. */
export async function writeText(storage: Storage, path: string, text: string, options?: StorageOptions): Promise<void> {
  const file = await withVecportErrors(storage).put(path, options);
  await createOneEnding(path, file.abort, options?.signal).last(async () => {
    await file.write([Buffer.from(text)]);
    await file.commit();
  });
}

/** Write a value as JSON for people to read: two spaces, a line feed at the end, every digit of a `bigint`. */
export async function writeJson(
  storage: Storage,
  path: string,
  value: unknown,
  options?: StorageOptions,
): Promise<void> {
  await writeText(storage, path, `${stringifyJson(value, 2)}\n`, options);
}
