import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VecportError } from '@vecport/abstractions';
import { MANIFEST_PATH } from '@vecport/dataset';

/** The name of what is not complete yet: what it will be decides it. Those of other downloads to the target are removed. */
export async function temporaryFor(target: string, sha256: string): Promise<string> {
  const folder = dirname(target);
  const own = `.${basename(target)}.${sha256.slice(0, 16)}.partial`;
  const stem = `.${basename(target)}.`;
  for (const name of await readdir(folder)) {
    if (name === own || !name.startsWith(stem) || !/^[0-9a-f]{16}\.partial$/.test(name.slice(stem.length))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
  return join(folder, own);
}

/**
 * Let pass a target where nothing is, or an empty folder; with `force` also what can be replaced.
 * @throws VecportError `already-exists`.
 */
export async function refuseTarget(target: string, folder: boolean, force: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return;
  const replaceable = folder
    ? found.isDirectory() && (await stat(join(target, MANIFEST_PATH)).catch(() => undefined)) !== undefined
    : found.isFile();
  if (force && replaceable) return;
  if (folder && found.isDirectory() && (await readdir(target)).length === 0) return;
  throw alreadyThere(target, force);
}

function alreadyThere(target: string, force: boolean): VecportError {
  return new VecportError('already-exists', `${target} is there already.`, {
    advice: force
      ? 'It is not of the kind that is downloaded: choose another place.'
      : 'Choose another place with --output, or add --force to replace it.',
  });
}

/** Give a file its name. Without `force`, one that came into being meanwhile is not replaced: a link to a name that is taken fails. */
export async function publishFile(temporary: string, target: string, force: boolean): Promise<void> {
  if (force || !(await linked(temporary, target))) {
    if (!force) await refuseTarget(target, false, false);
    await rename(temporary, target);
  } else await rm(temporary);
  await syncFolder(dirname(target));
}

/** False where the file system has no links. */
async function linked(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(target, false);
    return false;
  }
}

/** Give a folder its name. */
export async function publishFolder(temporary: string, target: string, force: boolean): Promise<void> {
  await refuseTarget(target, true, force);
  const old = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.old`);
  const replaced =
    force &&
    (await rename(target, old).then(
      () => true,
      () => false,
    ));
  await rename(temporary, target);
  await syncFolder(dirname(target));
  if (replaced) await rm(old, { recursive: true, force: true });
}

/** Write a small file, and the folders above it. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
