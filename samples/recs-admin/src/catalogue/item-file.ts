import { readFile } from 'node:fs/promises';
import { VecportError } from '@vecport/abstractions';
import { z } from 'zod';
import type { Item } from './item.js';

const itemFileSchema = z.array(
  z.object({
    id: z.string().min(1),
    emoji: z.string().min(1),
    label: z.string().min(1),
    tags: z.array(z.string()).readonly(),
    group: z.string(),
    order: z.int(),
    /** SHA-256 of the text that was embedded, in hexadecimal. */
    textSha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/** An item with the hash of the text its vector was made of. */
export interface ItemFileEntry extends Item {
  readonly textSha256: string;
}

/**
 * The catalogue's items from a JSON file.
 * @throws VecportError `corrupt-data` when it is not a list of items.
 */
export async function readItemFile(path: string): Promise<readonly ItemFileEntry[]> {
  const text = await readFile(path, 'utf8');
  try {
    return itemFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new VecportError('corrupt-data', `${path} is not a list of items.`, {
      cause,
      advice: 'Restore it from the repository.',
    });
  }
}
