import { hash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './provider.js';

// What neither an index nor an alias may have in its name.
const FORBIDDEN = /[\\/*?"<>|\s,#:\p{Cc}]/u;
const FIRST = /^[-_+.]/;
const MAX_BYTES = 255;

/** How a collection of this name is kept. */
export interface IndexName {
  readonly index: string;
  /** The alias that bears the collection's name, where the index cannot. */
  readonly alias: string | undefined;
}

/**
 * The index of a new collection. Elasticsearch takes no capitals in names of indices, but in those of aliases: such
 * a collection is an alias to an index whose name is made from it.
 * @throws VecportError `invalid-argument` for a name that neither can have.
 */
export function indexNameOf(collection: string): IndexName {
  if (!isPossibleName(collection)) {
    throw new VecportError('invalid-argument', `'${collection}' cannot be the name of an index or an alias.`, {
      provider: PROVIDER,
      advice: 'Leave out white space and \\ / * ? " < > | , # :, and begin with a letter or a digit.',
    });
  }
  const lower = collection.toLowerCase();
  if (lower === collection) return { index: collection, alias: undefined };
  const mark = hash('sha1', collection, 'hex').slice(0, 8);
  return { index: `${lower.slice(0, 200)}-${mark}`, alias: collection };
}

/** Whether a collection can have this name. What cannot would name several indices, or another request. */
export function isPossibleName(collection: string): boolean {
  return !FORBIDDEN.test(collection) && !FIRST.test(collection) && Buffer.byteLength(collection) <= MAX_BYTES;
}
