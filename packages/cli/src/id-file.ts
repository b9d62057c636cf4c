import { readFile } from 'node:fs/promises';
import { isVecportError, parseJson, VecportError, type VectorId } from '@vecport/abstractions';

/**
 * The ids a file names, in their order and each once: one a line as it is, or JSON lines, each a text, a whole number or an
 * object with `id`. A line that begins with `"` or `{` is JSON; empty lines are passed over.
 * @throws VecportError `not-found` for a file that is not there, `invalid-argument` for a line that is no id.
 */
export async function readIdFile(path: string): Promise<readonly VectorId[]> {
  return parseIds(decode(await readBytes(path), path), path);
}

/** See {@link readIdFile}; `path` is for messages. */
export function parseIds(text: string, path: string): readonly VectorId[] {
  const ids = new Set<VectorId>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    ids.add(/^\s*["{]/.test(line) ? idFromJson(line, `${path}, line ${at + 1}`) : line);
  }
  return [...ids];
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new VecportError('not-found', `The file ${path} cannot be read.`, { cause });
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new VecportError('invalid-argument', `The file ${path} is not UTF-8 text.`, { cause });
  }
}

function idFromJson(line: string, place: string): VectorId {
  const value = parsed(line, place);
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  if (typeof id === 'string' && id !== '') return id;
  if (typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id))) return String(id);
  throw new VecportError('invalid-argument', `${place}: there is no id.`, {
    advice: 'A line is an id, a JSON text, or a JSON object with "id".',
  });
}

function parsed(line: string, place: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (!isVecportError(error)) throw error;
    throw new VecportError('invalid-argument', `${place}: ${error.reason}`, { cause: error });
  }
}
