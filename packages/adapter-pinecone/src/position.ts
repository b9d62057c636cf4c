import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './config.js';

/** Where a full read goes on. */
export interface Position {
  /** Whether it is a read of all points or of those a filter leaves. */
  readonly of: 'all' | 'filter';
  /** The pagination token of the page the last point is on; absent for the first page. */
  readonly token: string | undefined;
  /** The stored id of the last point given of that page; empty where none was. */
  readonly id: string;
  /** Records the page was asked for, where its place in the order depends on it. */
  readonly size?: number | undefined;
}

/** The cursor after a point. */
export function cursorAt({ of, token, id, size }: Position): string {
  return JSON.stringify({ pinecone: 1, of, token: token ?? null, id, size });
}

/** @throws VecportError `invalid-argument` for what is no cursor of this kind of read. */
export function parseCursor(cursor: string, of: Position['of']): Position {
  try {
    const { pinecone, of: made, token, id, size } = JSON.parse(cursor) as Record<string, unknown>;
    const good =
      pinecone === 1 && made === of && typeof id === 'string' && (token === null || typeof token === 'string');
    if (good) return { of, token: token ?? undefined, id, ...(typeof size === 'number' && { size }) };
  } catch {
    // It is refused below.
  }
  throw new VecportError('invalid-argument', 'The cursor is not one of such a read of Pinecone.', {
    provider: PROVIDER,
    advice: 'Give the cursor of a batch of this collection, read with the same filter.',
  });
}
