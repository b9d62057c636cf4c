import type { VectorRecord } from '@vecport/abstractions';
import { GOLDEN_IDS } from './golden-ids.js';
import { GOLDEN_METADATA } from './golden-metadata.js';
import { GOLDEN_VECTORS, goldenFloats } from './golden-vectors.js';

/** A point of the golden corpus, and what it is there for. */
export interface GoldenPoint extends VectorRecord {
  readonly name: string;
  readonly embedding: Float32Array;
}

const ORDINARY = Float32Array.of(1, -2, 3.5, 0.25);

/**
 * The golden corpus as points of `GOLDEN_DIMENSION` floats: one for every golden identifier,
 * vector and metadata. In each only that one thing is special.
 */
export function goldenPoints(): GoldenPoint[] {
  return [
    ...GOLDEN_IDS.map(({ name, id }) => ({
      name: `id: ${name}`,
      id,
      embedding: ORDINARY.slice(),
      metadataText: '{"golden":"id"}',
    })),
    ...GOLDEN_VECTORS.map((vector, n) => ({
      name: `vector: ${vector.name}`,
      id: `golden-vector-${n}`,
      embedding: goldenFloats(vector),
      metadataText: '{"golden":"vector"}',
    })),
    ...GOLDEN_METADATA.map(({ name, text }, n) => ({
      name: `metadata: ${name}`,
      id: `golden-metadata-${n}`,
      embedding: ORDINARY.map((value) => value + n),
      metadataText: text,
    })),
  ];
}
