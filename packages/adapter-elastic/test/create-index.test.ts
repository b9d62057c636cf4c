import { describe, expect, it } from '@jest/globals';
import type { VectorSpec } from '@vecport/abstractions';
import { indexBody } from '../src/create-index.js';
import { serverOf } from '../src/server-info.js';

const SPEC: VectorSpec = { kind: 'dense', dimension: 8, elementType: 'float32', metric: 'cosine' };

function indexOptions(spec: Partial<VectorSpec>): unknown {
  const description = { name: 'x', idKinds: ['string'] as const, vectors: { v: { ...SPEC, ...spec } } };
  const { mappings } = indexBody(description, { index: 'x', alias: undefined }, serverOf('9.5.3', undefined));
  return mappings.properties?.['v']?.index_options;
}

describe('the index of a new vector', () => {
  it('is made with the numbers it is described with', () => {
    expect(indexOptions({ index: { type: 'hnsw', parameters: { m: 512, efConstruction: 3200 } } })).toEqual({
      type: 'hnsw',
      m: 512,
      ef_construction: 3200,
    });
  });

  it('leaves numbers of another provider, which Elasticsearch refuses, to the server', () => {
    for (const [m, efConstruction] of [
      [0, 0],
      [513, 3201],
      [16.5, -1],
    ] as const)
      expect(indexOptions({ index: { type: 'hnsw', parameters: { m, efConstruction } } })).toEqual({ type: 'hnsw' });
  });

  it('leaves a kind of index that such vectors cannot have to the server', () => {
    expect(indexOptions({ index: { type: 'bbq_hnsw' } })).toBeUndefined();
    expect(indexOptions({ index: { type: 'bbq_hnsw' }, dimension: 64 })).toEqual({ type: 'bbq_hnsw' });
    expect(indexOptions({ index: { type: 'int4_flat' }, dimension: 7 })).toBeUndefined();
    expect(indexOptions({ index: { type: 'int4_flat' } })).toEqual({ type: 'int4_flat' });
    expect(indexOptions({ index: { type: 'ivf_flat' } })).toBeUndefined();
  });
});
