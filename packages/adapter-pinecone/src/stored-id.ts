import type { VectorId } from '@vecport/abstractions';
import { uuidOfId } from '@vecport/wire';

const MOST_CHARACTERS = 512;

/** Whether Pinecone takes a text as an id or the name of a namespace: 1 to 512 ASCII characters, none of them NUL. */
export function isStorable(text: string): boolean {
  if (text.length === 0 || text.length > MOST_CHARACTERS) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 0x7f) return false;
  }
  return true;
}

/** The identifier a point is stored under: its own where Pinecone takes it, else a uuid made from it. */
export function storedId(id: VectorId): string {
  return isStorable(id) ? id : uuidOfId(id);
}
