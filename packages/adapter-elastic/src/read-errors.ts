import { VecportError } from '@vecport/abstractions';
import { PROVIDER } from './provider.js';

/** The points that are read are not all the same any more. */
export function changedWhileRead(given: number): VecportError {
  return new VecportError(
    'expired',
    `The point in time of this read is gone, and the index was written to since. ${given} points were read.`,
    { provider: PROVIDER, advice: 'Start the read again; a longer `keepAlive` lets it pause longer.' },
  );
}

/** A read that ended too early. */
export function incompleteRead(given: number, expected: number): VecportError {
  return new VecportError('incomplete', `Elasticsearch gave ${given} of the ${expected} points it counted.`, {
    provider: PROVIDER,
    advice: 'Export again; if it stays so, look at the health of the index.',
  });
}
