import { VecportError } from '@vecport/abstractions';
import type { ManifestCollection } from '@vecport/dataset';

/**
 * Refuse to make collections from files of another tool that do not say how their vectors are compared: a guess would
 * change what searches find.
 * @throws VecportError `invalid-argument`, naming the vectors.
 */
export function checkMetrics(collections: readonly ManifestCollection[]): void {
  const unknown = collections.flatMap(({ name, description }) =>
    Object.entries(description.vectors).flatMap(([vector, { metric }]) =>
      metric === undefined ? `'${vector}' of '${name}'` : [],
    ),
  );
  if (unknown.length === 0) return;
  throw new VecportError('invalid-argument', `The files do not say how vectors are compared: ${unknown.join(', ')}.`, {
    operation: 'import',
    advice: 'Say it with --metric (cosine, dot, euclidean, …); what made the vectors knows it. Nothing was written.',
  });
}
