import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VecportError } from '@vecport/abstractions';
import type { Transform, TransformBatch, TransformRecord } from './transform.js';

/**
 * A transform from a JavaScript module: its default export changes batches, or its export `record` changes records;
 * exactly one of the two is there. The module's own bytes stand for it in a plan, not those of what it imports.
 * @throws VecportError `not-found` for a file that is not there, `invalid-argument` for a module that cannot be loaded
 * or exports something else.
 */
export async function loadTransform(path: string): Promise<Transform> {
  const file = resolve(path);
  const bytes = await readModule(file, path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  // The hash in the URL: a module that was changed since it was loaded before is loaded again.
  const exported = await importModule(`${pathToFileURL(file).href}?${sha256}`, path);
  const batch = functionOf<TransformBatch>(exported['default']);
  const record = functionOf<TransformRecord>(exported['record']);
  if ((batch === undefined) === (record === undefined)) {
    const what = batch === undefined ? 'neither' : 'both';
    throw new VecportError(
      'invalid-argument',
      `The module ${path} has ${what} of a default export for batches and an export 'record' for records.`,
      { advice: 'Export one function: (batch) => batch as default, or (record) => record or undefined as record.' },
    );
  }
  return { name: path, sha256, batch, record };
}

async function readModule(file: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new VecportError('not-found', `The module ${path} cannot be read.`, { cause });
  }
}

async function importModule(url: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new VecportError('invalid-argument', `The module ${path} cannot be loaded: ${why}`, { cause });
  }
}

function functionOf<F>(value: unknown): F | undefined {
  return typeof value === 'function' ? (value as F) : undefined;
}
