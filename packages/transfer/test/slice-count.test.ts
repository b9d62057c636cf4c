import { describe, expect, it } from '@jest/globals';
import type { CollectionDescription } from '@vecport/abstractions';
import { assumedRowBytes, evenSliceCountFor, partRowsFor, sliceCountFor } from '../src/export-plan.js';

const MIB = 1024 * 1024;
const description: CollectionDescription = {
  name: 'c',
  idKinds: ['string'],
  vectors: { default: { kind: 'dense', dimension: 384, elementType: 'float32' } },
};

/** About so many bytes of points. */
const pointsOf = (bytes: number): number => Math.ceil(bytes / assumedRowBytes(description));

describe('slices where nobody said how large parts are', () => {
  it.each([
    ['nothing', 0, 1],
    ['what one worker reads in a moment', 60 * MIB, 1],
    ['twice what is worth a slice', 65 * MIB, 2],
    ['a part', 127 * MIB, 3],
    ['two parts', 250 * MIB, 4],
    ['three parts', 380 * MIB, 4],
    ['five parts', 600 * MIB, 8],
  ])('of %s are as many as workers share evenly', (_, bytes, slices) => {
    expect(evenSliceCountFor(pointsOf(bytes), description)).toBe(slices);
  });

  it('are as many as parts where there are many', () => {
    const points = pointsOf(20 * 128 * MIB);
    expect(evenSliceCountFor(points, description)).toBe(sliceCountFor(points, partRowsFor(description)));
  });

  it('is one where nobody knows how many points there are', () => {
    expect(evenSliceCountFor(undefined, description)).toBe(1);
  });
});
