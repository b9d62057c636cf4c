import { describe, expect, it } from '@jest/globals';
import type { CollectionDescription, VectorSpec } from '@vecport/abstractions';
import { readLayout } from '../src/layout.js';
import { planClass } from '../src/plan-class.js';

const SPEC: VectorSpec = { kind: 'dense', dimension: 4, elementType: 'float32', metric: 'cosine' };

const described = (change: Partial<CollectionDescription> = {}): CollectionDescription => ({
  name: 'Test',
  vectors: { default: SPEC },
  idKinds: ['string'],
  ...change,
});

describe('a class for a description', () => {
  it('says again what it was made of', () => {
    const wanted = described({
      vectors: { b: { ...SPEC, elementType: 'int8', metric: 'hamming' }, a: { ...SPEC, kind: 'multi', metric: 'dot' } },
      idKinds: ['u64', 'uuid'],
      fields: [
        { name: 'group', type: 'string' },
        { name: 'a.b', type: 'integer' },
      ],
      embeddingModel: 'a model "x"',
      multiTenant: true,
    });
    const { description, own, multiTenant } = readLayout({ schema: planClass(wanted, 'flat'), native: null });
    expect([own, multiTenant]).toEqual([true, true]);
    const { vectors, native: _, ...rest } = description;
    expect(rest).toEqual({ ...wanted, vectors: undefined });
    expect(Object.keys(vectors)).toEqual(['b', 'a']);
    expect(vectors).toMatchObject(wanted.vectors);
    expect([vectors['b']?.index?.type, vectors['a']?.index?.type]).toEqual(['flat', 'hnsw']);
  });

  it('gives fields properties of their own where Weaviate takes the name, and all of them an overflow', () => {
    const fields = ['ok', 'Upper', 'a.b', 'id', '_vecport_9', 'with space', 'OK2', 'ok'].map(
      (name) => ({ name, type: 'integer' }) as const,
    );
    const { properties } = planClass(described({ fields }), 'hnsw');
    const overflow = fields.map((_, at) => `_vecport_${at}`);
    expect(properties?.map(({ name }) => name)).toEqual(['ok', ...overflow, '_vecport']);
  });

  it.each([
    ['hnsw', { type: 'hnsw', parameters: { m: 8, efConstruction: 9, ef: 10, quantization: 'bq' } }],
    ['flat', { type: 'flat', parameters: { quantization: 'bq' } }],
    ['dynamic', { type: 'dynamic', parameters: { m: 8, efConstruction: 9, threshold: 100 } }],
  ])('keeps the settings of an index: %s', (_, index) => {
    const schema = planClass(described({ vectors: { default: { ...SPEC, index } } }), 'hnsw');
    expect(readLayout({ schema, native: null }).vectors[0]?.spec.index).toEqual(index);
  });

  it.each([
    ['int8_hnsw', 'hnsw'],
    ['ivf_pq', 'flat'],
  ])('takes another provider’s index %s for %s', (type, expected) => {
    const schema = planClass(described({ vectors: { default: { ...SPEC, index: { type } } } }), 'flat');
    expect(schema.vectorConfig?.['default']?.vectorIndexType).toBe(expected);
  });

  it.each<[string, VectorSpec]>([
    ['sparse vectors', { kind: 'sparse', elementType: 'float32' }],
    ['jaccard', { ...SPEC, metric: 'jaccard' }],
    ['multi-vectors by cosine', { ...SPEC, kind: 'multi' }],
    ['multi-vectors by euclidean', { ...SPEC, kind: 'multi', metric: 'euclidean', normalized: true }],
  ])('refuses %s by name', (_, spec) => {
    const wrong = described({ vectors: { mine: spec } });
    expect(() => planClass(wrong, 'hnsw')).toThrow(
      expect.objectContaining({ code: 'not-supported', message: expect.stringContaining('mine') }),
    );
  });

  it('takes multi-vectors by cosine when all have the length one', () => {
    const wanted = described({ vectors: { default: { ...SPEC, kind: 'multi', normalized: true } } });
    expect(planClass(wanted, 'flat').vectorConfig?.['default']?.vectorIndexType).toBe('hnsw');
  });

  it.each([
    ['emoji', /use that name/],
    ['1st', /capital letter/],
    ['With-dash', /capital letter/],
    ['', /capital letter/],
  ])('refuses the name %j', (name, advice) => {
    expect(() => planClass(described({ name }), 'hnsw')).toThrow(
      expect.objectContaining({ code: 'invalid-argument', advice: expect.stringMatching(advice) }),
    );
  });
});

describe('a class of others', () => {
  it('with a distance nobody knows is refused by name', () => {
    const schema = { class: 'X', vectorConfig: { v: { vectorIndexConfig: { distance: 'earth-mover' } } } };
    expect(() => readLayout({ schema, native: null })).toThrow(/'v' has the distance 'earth-mover'/);
  });

  it('that has a property of our name but no facts of ours is one of others', () => {
    const properties = [{ name: '_vecport', dataType: ['text'], description: '{"vecport":2}' }];
    const { own, properties: shown } = readLayout({ schema: { class: 'X', properties }, native: null });
    expect([own, shown.map(({ name }) => name)]).toEqual([false, ['_vecport']]);
  });
});

describe('the index of a class for a description', () => {
  const planned = (parameters: Readonly<Record<string, number>>): unknown =>
    planClass(described({ vectors: { default: { ...SPEC, index: { type: 'hnsw', parameters } } } }), 'flat')
      .vectorConfig?.['default']?.vectorIndexConfig;

  it('is made with the numbers it is described with', () => {
    expect(planned({ m: 4, efConstruction: 4, ef: -1 })).toEqual({
      distance: 'cosine',
      maxConnections: 4,
      efConstruction: 4,
      ef: -1,
    });
  });

  it('leaves out numbers of another provider that Weaviate refuses', () => {
    for (const parameters of [
      { m: 3, efConstruction: 3 },
      { m: 2048, efConstruction: 1.5 },
      { m: 0, ef: -2 },
    ])
      expect(planned(parameters)).toEqual({ distance: 'cosine' });
  });
});
