import { describe, expect, it } from '@jest/globals';
import {
  CAPABILITIES,
  exportAll,
  hasCapability,
  type IVectorSearchRepository,
  requireCapability,
} from '@vecport/abstractions';

function repository(alternatives: readonly string[]): IVectorSearchRepository {
  const advise: IVectorSearchRepository['advise'] = () => ({ reason: 'Pods cannot list ids.', alternatives });
  return { provider: 'pinecone', collection: 'items', advise } as unknown as IVectorSearchRepository;
}

describe('requireCapability', () => {
  it('names the provider, the reason and who can do it', () => {
    const error = thrownBy(() => requireCapability(repository(['lancedb', 'qdrant']), 'exportAll'));
    expect(error).toMatchObject({
      code: 'not-supported',
      provider: 'pinecone',
      collection: 'items',
      operation: 'exportAll',
    });
    expect(String(error)).toContain(
      'Vector export (exportAll) is not supported by this adapter. Provider: pinecone. Pods cannot list ids.',
    );
    expect(String(error)).toContain('Consider an adapter that can do it: lancedb, qdrant.');
  });

  it('says so when nobody can', () => {
    for (const capability of CAPABILITIES) {
      const error = thrownBy(() => requireCapability(repository([]), capability));
      expect(String(error)).toContain(capability);
      expect(String(error)).toContain('No adapter registered in this application is known to do it.');
    }
  });

  it('gives the same repository back when the method is there', () => {
    const able = { ...repository([]), exportAll: async function* () {} };
    expect(requireCapability(able, 'exportAll')).toBe(able);
    expect(hasCapability(able, 'exportAll')).toBe(true);
    expect(hasCapability(able, 'slices')).toBe(false);
  });
});

describe('exportAll', () => {
  it('throws advice instead of a TypeError', () => {
    expect(thrownBy(() => exportAll(repository(['lancedb'])))).toMatchObject({ code: 'not-supported' });
  });

  it('passes the options on', () => {
    const given: unknown[] = [];
    const able: IVectorSearchRepository = {
      ...repository([]),
      exportAll: (options) => {
        given.push(options);
        return (async function* () {})();
      },
    };
    exportAll(able, { batchSize: 3 });
    expect(given).toEqual([{ batchSize: 3 }]);
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
