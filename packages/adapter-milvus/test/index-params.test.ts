import { describe, expect, it } from '@jest/globals';
import type { IndexDescription, JsonValue, VectorSpec } from '@vecport/abstractions';
import { planCollection } from '../src/plan-collection.js';
import { serverInfo } from '../src/server-kind.js';

const SERVERS = ['v2.3.5', 'v2.6.0', 'milvus_lite-3.2.2', undefined].map(serverInfo);
const CALLS = { database: undefined, load: true, index: 'HNSW' as const, timeoutMs: 1000 };
const SPEC: VectorSpec = { kind: 'dense', dimension: 8, elementType: 'float32', metric: 'cosine' };

function planned(index: IndexDescription, server = serverInfo('v2.6.0')): unknown {
  const description = { name: 'x', idKinds: ['string'] as const, vectors: { default: { ...SPEC, index } } };
  const params = planCollection(description, server, CALLS).indexes[0]?.params;
  return { ...params, params: JSON.parse(params?.['params'] ?? '{}') as unknown };
}

/** Settings as `describe` gives them for a collection of Milvus with an index that was made with these parameters. */
const native = (type: string, params: Readonly<Record<string, string>>): JsonValue => ({
  schema: {
    fields: [
      { name: 'id', dataType: 'VarChar', isPrimaryKey: true, params: { max_length: '100' } },
      { name: 'vector', dataType: 'FloatVector', params: { dim: '8' } },
    ],
  },
  indexes: [{ name: 'vector', field: 'vector', params: { index_type: type, metric_type: 'COSINE', ...params } }],
});

describe('the index of a new vector', () => {
  it('is made with the numbers it is described with', () => {
    expect(planned({ type: 'hnsw', parameters: { m: 2, efConstruction: 1 } })).toMatchObject({
      index_type: 'HNSW',
      params: { M: 2, efConstruction: 1 },
    });
    expect(planned({ type: 'int8_hnsw', parameters: { m: 2048 } })).toMatchObject({
      index_type: 'HNSW',
      params: { M: 2048, efConstruction: 200 },
    });
    expect(planned({ type: 'ivf_pq', parameters: { nlist: 65_536 } })).toMatchObject({
      index_type: 'IVF_PQ',
      params: { nlist: 65_536 },
    });
  });

  it('has the usual numbers where those of another provider are none that Milvus takes', () => {
    for (const server of SERVERS) {
      for (const m of [0, 1, -3, 2049, 16.5, '16', true]) {
        for (const efConstruction of [0, -1, 2 ** 31, 0.5]) {
          const plan = planned({ type: 'hnsw', parameters: { m, efConstruction } }, server);
          // Milvus-lite 2 has no HNSW.
          const params = server.kind === 'lite-2' ? {} : { M: 16, efConstruction: 200 };
          expect(plan).toMatchObject({ index_type: server.kind === 'lite-2' ? 'FLAT' : 'HNSW', params });
        }
      }
    }
    expect(planned({ type: 'ivf_flat', parameters: { nlist: 0 } })).toMatchObject({ params: { nlist: 128 } });
  });

  it('is refused by name where the native settings have a number that no Milvus takes', () => {
    const make = (type: string, params: Readonly<Record<string, string>>): unknown =>
      planCollection(
        { name: 'x', idKinds: ['string'], vectors: { default: SPEC }, native: native(type, params) },
        serverInfo('milvus_lite-3.2.2'),
        CALLS,
      );
    for (const [type, params, name] of [
      ['HNSW', { params: '{"M":1}' }, 'M 1,'],
      ['HNSW', { M: '0' }, 'M 0,'],
      ['HNSW_SQ', { M: '4096' }, 'M 4096,'],
      ['HNSW', { params: '{"M":16,"efConstruction":0}' }, 'efConstruction 0,'],
      ['HNSW', { params: '{"M":"many"}' }, 'M many,'],
      ['HNSW', { M: ' ' }, 'M  ,'],
      ['IVF_FLAT', { nlist: '0' }, 'nlist 0,'],
      ['BIN_IVF_FLAT', { nlist: '65537' }, 'nlist 65537,'],
    ] as const) {
      expect(() => make(type, params)).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          reason: `The ${type} index of 'vector' has ${name} which no Milvus takes.`,
        }),
      );
    }
    expect(make('HNSW', { params: '{"M":"2","efConstruction":1}' })).toBeDefined();
    expect(make('FLAT', { params: '{"nlist":0}' })).toBeDefined();
    expect(make('IVF_FLAT', {})).toBeDefined();
  });
});
