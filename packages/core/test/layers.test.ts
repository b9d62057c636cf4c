import { describe, expect, it } from '@jest/globals';
import {
  type CollectionDriver,
  exportAll,
  hasCapability,
  type IVectorSearchRepository,
  requireCapability,
  VecportError,
} from '@vecport/abstractions';
import { aroundCalls, createRepository, type RepositoryLayer, type TraceEvent } from '@vecport/core';
import { fakeDriver, limitedDriver } from './fakes/fake-driver.js';

const about = { provider: 'fake', collection: 'items' };

const passThrough: RepositoryLayer = (inner) =>
  aroundCalls(inner, { call: async (_call, run) => run(), iterate: (_call, open) => open() });

function withAllLayers(
  driver: CollectionDriver,
  onTrace: (event: TraceEvent) => void = () => {},
): IVectorSearchRepository {
  return createRepository(driver, about, { onTrace, layers: [passThrough, (inner) => ({ ...inner })] });
}

describe('optional methods', () => {
  it('stay absent through all layers', () => {
    const repository = withAllLayers(limitedDriver());
    expect('exportAll' in repository).toBe(false);
    expect('slices' in repository).toBe(false);
    expect(hasCapability(repository, 'exportAll')).toBe(false);
  });

  it('stay present through all layers', async () => {
    const repository = withAllLayers(fakeDriver());
    expect(hasCapability(repository, 'slices') && (await repository.slices(2)).slices).toEqual([{ token: 'all' }]);
    expect(hasCapability(repository, 'exportAll')).toBe(true);
  });

  it('tune a collection for loading, where the driver can', async () => {
    const done: string[] = [];
    const restore = async (): Promise<void> => void done.push('restored');
    const repository = withAllLayers({
      ...fakeDriver(),
      bulkLoad: async () => {
        done.push('tuned');
        return { restore };
      },
    });
    await (await repository.bulkLoad?.())?.restore();
    expect(done).toEqual(['tuned', 'restored']);
    expect('bulkLoad' in withAllLayers(fakeDriver())).toBe(false);
    await expect(repository.bulkLoad?.({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it('are refused with the reason and the alternatives', () => {
    const repository = createRepository(limitedDriver(), {
      ...about,
      advise: () => ({ reason: 'Not in this edition.', alternatives: ['lancedb', 'qdrant'] }),
    });
    expect(() => requireCapability(repository, 'exportAll')).toThrow(
      expect.objectContaining({
        code: 'not-supported',
        message: expect.stringMatching(/Vector export.*Provider: fake. Not in this edition. Consider.*lancedb, qdrant/),
      }),
    );
  });

  it('are refused with the reason of the driver where nobody else advises', () => {
    expect(() => exportAll(createRepository(limitedDriver(), about))).toThrow(/It has no way to read vectors back/);
  });
});

describe('exportAll through all layers', () => {
  it('gives every batch and closes the cursor', async () => {
    const driver = fakeDriver();
    const ids: string[] = [];
    for await (const batch of requireCapability(withAllLayers(driver), 'exportAll').exportAll()) ids.push(...batch.ids);
    expect(ids).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
    expect(driver.openCursors()).toBe(0);
  });

  it('closes the cursor when the loop is left', async () => {
    const driver = fakeDriver();
    for await (const batch of exportAll(withAllLayers(driver))) {
      expect(batch.ids).toHaveLength(2);
      expect(driver.openCursors()).toBe(1);
      break;
    }
    expect(driver.openCursors()).toBe(0);
  });

  it('closes the cursor when the loop throws', async () => {
    const driver = fakeDriver();
    const read = async (): Promise<void> => {
      for await (const _ of exportAll(withAllLayers(driver))) throw new Error('mine');
    };
    await expect(read()).rejects.toThrow(/^mine$/);
    expect(driver.openCursors()).toBe(0);
  });

  it('stops before the next batch when it is aborted, with the reason as it is', async () => {
    const driver = fakeDriver();
    const controller = new AbortController();
    const reason = { why: 'enough' };
    let batches = 0;
    const read = async (): Promise<void> => {
      for await (const _ of exportAll(withAllLayers(driver), { signal: controller.signal })) {
        batches += 1;
        controller.abort(reason);
      }
    };
    await expect(read()).rejects.toBe(reason);
    expect(batches).toBe(1);
    expect(driver.openCursors()).toBe(0);
  });

  it('gives no batch that arrives after the abort', async () => {
    const controller = new AbortController();
    const driver = fakeDriver();
    const { exportAll: readAll } = driver;
    const late: CollectionDriver = {
      ...driver,
      exportAll: async function* (options) {
        controller.abort('too late');
        if (readAll !== undefined) yield* readAll(options);
      },
    };
    const first = exportAll(withAllLayers(late), { signal: controller.signal })[Symbol.asyncIterator]().next();
    await expect(first).rejects.toBe('too late');
    expect(driver.openCursors()).toBe(0);
  });

  it('does not open a cursor for a call that is wrong', async () => {
    const driver = fakeDriver();
    for (const options of [{ batchSize: 0 }, { batchSize: 1.5 }, { batchSize: 11 }, { fields: [''] }]) {
      const first = exportAll(withAllLayers(driver), options)[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ code: 'invalid-argument', operation: 'exportAll' });
    }
    expect(driver.openCursors()).toBe(0);
  });

  it('says where an error inside happened', async () => {
    const driver = fakeDriver({
      exportAll: () => ({
        [Symbol.asyncIterator]: () => ({ next: async () => Promise.reject(new TypeError('socket closed')) }),
      }),
    });
    await expect(exportAll(withAllLayers(driver))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'provider-error',
      message: '[fake / items / exportAll] socket closed.',
      cause: expect.any(TypeError),
    });
  });
});

describe('error context', () => {
  it('fills in what the error of a driver lacks and keeps the rest', async () => {
    const thrown = new VecportError('rate-limited', 'Slow down.', { retryAfterMs: 5, collection: 'other' });
    const repository = createRepository(fakeDriver({ count: async () => Promise.reject(thrown) }), about);
    await expect(repository.count()).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 5,
      provider: 'fake',
      collection: 'other',
      operation: 'count',
      retryable: true,
    });
  });

  it('makes a foreign error a provider-error with its cause', async () => {
    const cause = new RangeError('odd');
    const repository = createRepository(fakeDriver({ count: async () => Promise.reject(cause) }), about);
    await expect(repository.count()).rejects.toMatchObject({ code: 'provider-error', cause, provider: 'fake' });
  });

  it('passes an abort reason unwrapped, also when the client throws its own', async () => {
    const controller = new AbortController();
    const own = new DOMException('The operation was aborted', 'AbortError');
    const repository = createRepository(
      fakeDriver({
        count: async () => {
          controller.abort('stop');
          throw own;
        },
      }),
      about,
    );
    await expect(repository.count(undefined, { signal: controller.signal })).rejects.toBe('stop');
  });

  it('does not ask the provider under a signal that was aborted before', async () => {
    const driver = fakeDriver();
    const signal = AbortSignal.abort('early');
    const repository = createRepository(driver, about);
    await expect(repository.describe({ signal })).rejects.toBe('early');
    await expect(repository.upsert('a', Float32Array.of(1, 2), undefined, { signal })).rejects.toBe('early');
    expect(driver.calls).toEqual([]);
    expect(driver.written).toEqual([]);
  });

  it('blots secrets out of reason, advice and cause', async () => {
    const cause = new Error('GET https://x/?key=hunter22 failed', { cause: { headers: { auth: 'hunter22' } } });
    const failing = fakeDriver({ count: async () => Promise.reject(cause) });
    const repository = createRepository(failing, about, { secrets: ['hunter22'] });
    const error: unknown = await repository.count().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VecportError);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 10 })).not.toContain('hunter22');
    expect(inspect(error)).toContain('GET https://x/?key=*** failed');
  });
});

describe('tracing', () => {
  it('tells the begin and the end of a call with its points', async () => {
    const events: TraceEvent[] = [];
    const repository = withAllLayers(fakeDriver(), (event) => events.push(event));
    await repository.upsertMany([{ id: 'a', embedding: Float32Array.of(1, 2) }]);
    const named = { operation: 'upsertMany', provider: 'fake', collection: 'items', id: events[0]?.id };
    expect(events).toEqual([
      { kind: 'start', ...named },
      { kind: 'end', ...named, durationMs: expect.any(Number), points: 1 },
    ]);
  });

  it('tells why a call failed', async () => {
    const events: TraceEvent[] = [];
    const repository = withAllLayers(fakeDriver(), (event) => events.push(event));
    await expect(repository.search({ vector: Float32Array.of(1), topK: 1 })).rejects.toThrow();
    await expect(repository.describe({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(events.filter(({ kind }) => kind === 'end').map(({ error }) => error)).toEqual([
      'dimension-mismatch',
      'aborted',
    ]);
  });

  it('follows an export to its end, also to an early one', async () => {
    const events: TraceEvent[] = [];
    const repository = withAllLayers(fakeDriver(), (event) => events.push(event));
    for await (const _ of exportAll(repository)) break;
    for await (const _ of exportAll(repository));
    expect(events.map(({ kind, points, error }) => ({ kind, points, error }))).toEqual([
      { kind: 'start' },
      { kind: 'end', points: 2 },
      { kind: 'start' },
      { kind: 'end', points: 6 },
    ]);
  });
});
