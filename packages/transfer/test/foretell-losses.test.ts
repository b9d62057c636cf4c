import { describe, expect, it } from '@jest/globals';
import type { CollectionDescription, VectorTraits } from '@vecport/abstractions';
import { MEMORY_TRAITS } from '@vecport/testkit';
import { foretellLosses, type Loss } from '../src/index.js';

const dense = { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'cosine' } as const;
const items: CollectionDescription = { name: 'items', vectors: { default: dense }, idKinds: ['string'] };

interface Pair {
  readonly description?: CollectionDescription | undefined;
  readonly divided?: boolean | undefined;
  readonly from?: Partial<VectorTraits> | undefined;
  readonly to?: Partial<VectorTraits> | undefined;
  readonly multiTenant?: boolean | undefined;
}

function foretold({ description = items, divided = false, from, to, multiTenant = true }: Pair): readonly Loss[] {
  const source = { provider: 'here', traits: { ...MEMORY_TRAITS, ...from } };
  return foretellLosses(description, divided, source, {
    provider: 'there',
    traits: { ...MEMORY_TRAITS, ...to },
    multiTenant,
  });
}

function subjects(pair: Pair): readonly string[] {
  return foretold(pair).map(({ kind, subject }) => `${kind} ${subject}`);
}

describe('what a pair of stores loses', () => {
  it('is nothing between stores that hold the same', () => {
    expect(foretold({})).toEqual([]);
  });

  it.each([
    ['kinds of vectors', { vectorKinds: ['sparse'] }],
    ['dimensions', { maxDimension: 2 }],
    ['element types', { elementTypes: ['binary'] }],
    ['metrics', { metrics: ['dot'] }],
  ] as const)('a collection is refused for its %s', (_what, to) => {
    expect(subjects({ to })).toEqual(['refused vector:default']);
  });

  it('the length of vectors, unless they have the length one already', () => {
    const to = { normalizes: ['cosine'] } as const;
    expect(subjects({ to })).toEqual(['changed vector:default']);
    expect(subjects({ to, description: withVector({ ...dense, normalized: true }) })).toEqual([]);
    expect(subjects({ to, description: withVector({ ...dense, metric: 'dot' }) })).toEqual([]);
  });

  it('vectors of zeros and vectors that are too long, under the metrics that are named', () => {
    const to = { refusesZeroVectors: ['cosine'], refusesLongVectors: ['cosine', 'dot'] } as const;
    expect(foretold({ to })).toEqual([
      {
        kind: 'refused',
        subject: 'zero vectors',
        reason: 'The vector is compared by cosine: points where it is all zeros are refused by there.',
      },
      {
        kind: 'refused',
        subject: 'long vectors',
        reason:
          'The vector is compared by cosine: points where its squared length is beyond float32 are refused by there.',
      },
    ]);
    expect(subjects({ to, description: withVector({ ...dense, metric: 'dot' }) })).toEqual(['refused long vectors']);
    expect(subjects({ to, description: withVector({ ...dense, metric: 'euclidean' }) })).toEqual([]);
    expect(subjects({ to, description: withVector({ ...dense, normalized: true }) })).toEqual(['refused zero vectors']);
    const sparse = { kind: 'sparse', elementType: 'float32', metric: 'dot' } as const;
    expect(subjects({ to, description: withVector(sparse) })).toEqual([]);
  });

  it('nothing that the source cannot hold either', () => {
    const refusals = { refusesZeroVectors: ['cosine'], refusesLongVectors: ['cosine'], maxMetadataBytes: 100 } as const;
    expect(subjects({ from: refusals, to: refusals })).toEqual([]);
    expect(subjects({ from: refusals, to: { maxMetadataBytes: 200 } })).toEqual([]);
    expect(subjects({ from: refusals, to: { ...refusals, maxMetadataBytes: 99 } })).toEqual(['refused large metadata']);
    expect(subjects({ to: { maxMetadataBytes: 100 } })).toEqual(['refused large metadata']);
  });

  it('identifiers: mapped, of a kind there is no place for, or too long', () => {
    expect(subjects({ to: { mappedIdKinds: ['string', 'i64'] } })).toEqual(['mapped ids']);
    expect(subjects({ to: { idKinds: ['uuid'] } })).toEqual(['refused ids']);
    expect(subjects({ to: { maxIdBytes: MEMORY_TRAITS.maxIdBytes - 1 } })).toEqual(['refused long ids']);
    const numbers: CollectionDescription = { ...items, idKinds: ['u64'] };
    expect(subjects({ description: numbers, to: { maxIdBytes: 20, mappedIdKinds: ['string'] } })).toEqual([]);
  });

  it('identifiers with characters that are refused, where some are text', () => {
    const to = { refusesIds: 'with a line break' } as const;
    expect(foretold({ to })).toEqual([
      {
        kind: 'refused',
        subject: 'ids of some texts',
        reason: 'Points with identifiers with a line break are refused by there.',
      },
    ]);
    expect(subjects({ description: { ...items, idKinds: ['u64', 'uuid'] }, to })).toEqual([]);
  });

  it('tenants, times, filters and settings', () => {
    expect(subjects({ divided: true, multiTenant: false })).toEqual(['refused tenants']);
    expect(subjects({ from: { timestamps: ['createdAt'] } })).toEqual(['dropped timestamps']);
    expect(subjects({ to: { filterFields: 'declared' } })).toEqual(['changed filters']);
    const declared: CollectionDescription = { ...items, fields: [{ name: 'n', type: 'integer' }] };
    const narrow = { filterFields: 'declared' } as const;
    expect(subjects({ description: declared, from: narrow, to: narrow })).toEqual([]);
    expect(foretold({ description: declared, to: narrow })).toEqual([
      {
        kind: 'changed',
        subject: 'filters',
        reason:
          'there filters by declared fields only, which are n: other metadata arrives, and cannot be filtered by.',
      },
    ]);
    expect(subjects({ description: { ...items, native: {} } })).toEqual(['dropped settings']);
    expect(subjects({ description: withVector({ ...dense, index: { type: 'hnsw' } }) })).toEqual(['dropped settings']);
  });
});

function withVector(spec: CollectionDescription['vectors'][string]): CollectionDescription {
  return { ...items, vectors: { default: spec } };
}
