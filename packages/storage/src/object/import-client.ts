import { StorageError } from '../storage-error.js';

/** Load the client of a store. @throws StorageError `not-installed`, naming the package. */
export async function importClient<Client>(name: string, load: () => Promise<Client>): Promise<Client> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    const text = `The package ${name} is needed for this storage and is not installed. Run: npm install ${name}`;
    throw new StorageError('not-installed', text, name, error);
  }
}

/** The package itself is not there, and not merely something that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { code?: unknown; message?: unknown };
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return missing && String(message).includes(`'${name}'`);
}
