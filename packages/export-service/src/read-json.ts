import { readFile } from 'node:fs/promises';
import { VecportError } from '@vecport/abstractions';
import type { z } from 'zod';

/**
 * The JSON in a text of a file; `undefined` where there is none.
 * @throws VecportError `invalid-argument` for a wrong one, naming the place and quoting nothing.
 */
export function parseFile<T>(path: string, text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(jsonIn(text, path));
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new VecportError('invalid-argument', `${path} is not right: ${places.join('; ')}.`);
}

/** The JSON in a file; `undefined` where there is none. @throws VecportError as {@link parseFile} does. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseFile(path, text, schema);
}

// What a parser says of a text may quote it.
function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VecportError('invalid-argument', `${path} is not JSON.`);
  }
}
