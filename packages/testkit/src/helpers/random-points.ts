import type { IdKind, VectorId, VectorRecord } from '@vecport/abstractions';
import { mulberry32, randomInteger, randomVector } from './random.js';

const WORDS = ['amber', 'basalt', 'cedar', 'dune', 'ember', 'fjord'] as const;

/**
 * `count` points with dense vectors of `dimension` floats and small metadata
 * (`n`, `group`, `weight`, `tags`). The same arguments give the same points. Ids are of `idKind`.
 */
export function randomPoints(
  seed: number,
  count: number,
  dimension: number,
  idKind: IdKind = 'string',
): VectorRecord[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, n) => ({
    id: numberedId(n, idKind),
    embedding: randomVector(random, dimension),
    metadata: {
      n,
      group: WORDS[randomInteger(random, 0, WORDS.length - 1)],
      weight: randomInteger(random, -1000, 1000) / 8,
      tags: WORDS.filter(() => random() < 0.3),
    },
  }));
}

/** The canonical text of the `n`-th identifier of a kind; different numbers give different ids. */
export function numberedId(n: number, kind: IdKind): VectorId {
  switch (kind) {
    case 'u64':
    case 'i64':
      return String(n + 1);
    case 'uuid':
      return `00000000-0000-4000-8000-${(n + 1).toString(16).padStart(12, '0')}`;
    case 'string':
      return `point-${String(n).padStart(6, '0')}`;
  }
}
