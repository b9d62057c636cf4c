import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import { parse } from 'dotenv';
import { systemCode } from './foreign-error.js';
import type { EnvFileVariables } from './resolve-settings.js';

const PARENTS = 3;
const NO_FILE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/**
 * The variables of the `.env` files in `root` and the three folders above it; of a variable in several
 * files the nearest counts. File names are relative to `root`. `process.env` is not changed.
 * @throws VecportError `storage` for a file that is there and cannot be read.
 */
export async function readEnvFiles(root: string): Promise<EnvFileVariables> {
  const variables = new Map<string, { readonly value: string; readonly file: string }>();
  for (const path of envPaths(resolve(root))) {
    const file = relative(resolve(root), path);
    for (const [name, value] of Object.entries(parse(await textOf(path)))) {
      if (!variables.has(name)) variables.set(name, { value, file });
    }
  }
  return variables;
}

function envPaths(root: string): readonly string[] {
  const folders = [root];
  for (let folder = dirname(root); folders.length <= PARENTS && !folders.includes(folder); folder = dirname(folder)) {
    folders.push(folder);
  }
  return folders.map((folder) => join(folder, '.env'));
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (NO_FILE.has(systemCode(cause))) return '';
    throw new VecportError('storage', `The file ${path} cannot be read.`, { cause });
  }
}
