import { createHash } from 'node:crypto';
import { VecportError } from '@vecport/abstractions';

/**
 * SHA-256 of a text in UTF-8, as 64 lower-case hex digits: the first half of a cache key. Nothing is
 * trimmed or normalised; texts that differ in one character have different hashes.
 *
 * @throws VecportError `invalid-argument` when the text holds half a surrogate pair: UTF-8 cannot
 * say it, so that different texts would get the same hash.
 */
export function computeContentHash(text: string): string {
  if (!text.isWellFormed()) {
    throw new VecportError('invalid-argument', 'The text to be hashed holds half a surrogate pair.', {
      operation: 'computeContentHash',
      advice: 'Repair it with toWellFormed(), as the embedding model was given, and hash the result.',
    });
  }
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
