import { afterAll, describe, expect, it } from '@jest/globals';
import { batchFromRecords, type IVectorSearchRepository, VecportError, type VectorBatch } from '@vecport/abstractions';
import { localStorage } from '@vecport/storage';
import {
  goldenPoints,
  type MemoryRepositories,
  memoryRepositories,
  randomPoints,
  removeTempFolders,
  tempFolder,
} from '@vecport/testkit';
import { migrateCollections, type TargetStore } from '../src/index.js';
import { dense, filled } from './stores.js';

afterAll(removeTempFolders);

const points = randomPoints(5, 400, 3);

async function migrate(
  source: MemoryRepositories,
  target: TargetStore,
  more: Partial<Parameters<typeof migrateCollections>[0]> = {},
) {
  return migrateCollections({ source, collections: ['items'], target, mode: 'create', verify: true, ...more });
}

describe('a migration', () => {
  it('moves every point, bit by bit, and proves it', async () => {
    const { store } = await filled(dense('items', 4), goldenPoints());
    const target = memoryRepositories();
    const report = await migrate(store, target);
    const count = goldenPoints().length;
    expect(report).toMatchObject({ complete: true, resumed: false, warnings: [] });
    expect(report.collections[0]).toMatchObject({
      read: count,
      accepted: count,
      refused: 0,
      comparison: { equal: true },
    });
  });

  it('moves tenants into tenants', async () => {
    const store = memoryRepositories();
    await store.create({ ...dense('items', 3), multiTenant: true });
    for (const tenant of ['a', 'b']) {
      await store.createTenant('items', tenant);
      await (await store.repository('items', { tenant })).upsertMany(points.slice(0, tenant === 'a' ? 10 : 20));
    }
    const target = memoryRepositories();
    const report = await migrate(store, target);
    expect(report.collections[0]).toMatchObject({ read: 30, comparison: { equal: true } });
    expect(await (await target.repository('items', { tenant: 'b' })).count()).toBe(20);
    await expect(migrate(store, { ...memoryRepositories(), multiTenant: false })).rejects.toMatchObject({
      code: 'not-supported',
    });
  });

  it('does not replace a collection by itself, which it would drop before it reads it', async () => {
    const { store } = await filled(dense('items', 3), points);
    const state = localStorage(await tempFolder());
    const sameByAnotherName = { ...store, url: 'memory:other' };
    const replaced = migrate(store, sameByAnotherName, { mode: 'replace', state });
    await expect(replaced).rejects.toMatchObject({ code: 'invalid-argument', collection: 'items' });
    expect((await store.collections()).map(({ name }) => name)).toEqual(['items']);
    expect(await (await store.repository('items')).count()).toBe(points.length);
    // There is nothing to go on with.
    const { store: other } = await filled(dense('items', 3), points.slice(0, 10));
    expect(await migrate(store, other, { mode: 'replace', state })).toMatchObject({ complete: true, resumed: false });
    expect(await migrate(store, store, { mode: 'replace', as: 'copy' })).toMatchObject({ complete: true });
  });

  it('tells what the pair cannot keep before anything is changed', async () => {
    const { store } = await filled(dense('items', 3), points);
    const target = memoryRepositories();
    const stop = new Error('stop');
    const seen: unknown[] = [];
    const poor: TargetStore = {
      ...target,
      traits: { ...target.traits, metrics: ['cosine'], mappedIdKinds: ['string'] },
    };
    const run = migrate(store, poor, {
      onLosses: (losses) => {
        seen.push(losses);
        throw stop;
      },
    });
    await expect(run).rejects.toBe(stop);
    expect(seen).toEqual([
      {
        items: [
          { kind: 'refused', subject: 'vector:default', reason: expect.stringContaining('euclidean') },
          { kind: 'mapped', subject: 'ids', reason: expect.stringContaining('under a uuid') },
        ],
      },
    ]);
    expect(await target.collections()).toEqual([]);
  });

  it('compares directions where the target keeps no lengths, and finds a vector that points elsewhere', async () => {
    const description = dense('items', 3);
    const { default: spec } = description.vectors;
    const cosine = { ...description, vectors: { default: { ...spec, metric: 'cosine' } } } as const;
    const { store } = await filled(cosine as never, points);
    const normalizing = (spoil: (vector: Float32Array, row: number) => void): TargetStore => {
      const target = memoryRepositories();
      return {
        ...target,
        repository: async (name, options) => unitRepository(await target.repository(name, options), spoil),
      };
    };
    const honest = await migrate(
      store,
      normalizing(() => {}),
    );
    expect(honest.collections[0]?.comparison).toMatchObject({ equal: true, tolerance: 1e-6, points: points.length });
    const spoiled = await migrate(
      store,
      normalizing((vector, row) => {
        if (row === 7) vector[0] = (vector[0] ?? 0) + 1e-4;
      }),
    );
    expect(spoiled.complete).toBe(false);
    expect(spoiled.collections[0]?.comparison?.differences).toEqual([
      `The point '${points[7]?.id}' has another vector 'default'.`,
    ]);
  });

  it('counts what the target refuses, and compares the rest', async () => {
    const { store } = await filled(dense('items', 3), points);
    const target = memoryRepositories({
      refuseWrite: ({ id }) => (id.endsWith('7') ? new VecportError('invalid-argument', 'No sevens.') : undefined),
    });
    const report = await migrate(store, target);
    const refused = points.filter(({ id }) => id.endsWith('7')).length;
    expect(report.complete).toBe(false);
    expect(report.collections[0]).toMatchObject({ read: 400, accepted: 400 - refused, refused });
    expect(report.collections[0]?.failed[0]).toMatchObject({ reason: 'No sevens.' });
    expect(report.collections[0]?.comparison).toMatchObject({ equal: true, differences: [], points: 400 });
  });

  it('warns of a source that changed, and fails on one that gave too little', async () => {
    const { store, repository } = await filled(dense('items', 3), points);
    const changing = {
      ...store,
      repository: async () => ({
        ...repository,
        slices: undefined,
        revision: undefined,
        exportAll: async function* (options: object) {
          yield* repository.exportAll?.(options) ?? [];
          await repository.upsert('new', Float32Array.of(1, 2, 3));
        },
      }),
    };
    const report = await migrate(changing as never, memoryRepositories(), { verify: false });
    expect(report.warnings).toEqual([expect.stringContaining('changed while it was read')]);
    const losing = {
      ...store,
      repository: async () => ({
        ...repository,
        exportAll: async function* (options: object) {
          for await (const batch of repository.exportAll?.(options) ?? []) if (batch.ids.length > 99) yield batch;
        },
      }),
    };
    await expect(migrate(losing as never, memoryRepositories())).rejects.toMatchObject({ code: 'incomplete' });
  });

  it('tries a write again when the target is busy, and not when it is wrong', async () => {
    const { store } = await filled(dense('items', 3), points);
    let calls = 0;
    const target = failing(async (batch, write) => {
      calls++;
      if (calls % 3 === 1) throw new VecportError('rate-limited', 'Slow down.', { retryAfterMs: 1 });
      return write(batch);
    });
    expect(await migrate(store, target)).toMatchObject({ complete: true });
    const broken = failing(() => {
      throw new VecportError('forbidden', 'No.');
    });
    await expect(migrate(store, broken)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('an interrupted migration', () => {
  it('goes on where it was, with another number of workers, and ends as one that was not interrupted', async () => {
    const { store } = await filled(dense('items', 3), points);
    const state = localStorage(await tempFolder());
    const target = memoryRepositories();
    let writes = 0;
    const counting = { ...target, ...slow(target, () => writes++) };
    for (let attempt = 0; attempt < 6; attempt++) {
      const stop = new AbortController();
      const failed = migrate(store, counting, {
        state,
        resume: attempt > 0,
        parallel: 1 + attempt,
        batchSize: 7,
        signal: stop.signal,
        onProgress: ({ phase, done }) => {
          if (phase === 'read' && done > 60) stop.abort(new Error('interrupted'));
        },
      });
      await expect(failed).rejects.toThrow('interrupted');
    }
    const report = await migrate(store, counting, { state, resume: true, batchSize: 7 });
    expect(report).toMatchObject({ complete: true, resumed: true });
    expect(await (await target.repository('items')).count()).toBe(400);
  });

  it('is not begun again by accident, and not resumed as something else', async () => {
    const { store } = await filled(dense('items', 3), points);
    const state = localStorage(await tempFolder());
    const target = memoryRepositories();
    const run = migrate(
      store,
      failing(() => {
        throw new VecportError('forbidden', 'No.');
      }, target),
      { state },
    );
    await expect(run).rejects.toMatchObject({ code: 'forbidden' });
    await expect(migrate(store, target, { state })).rejects.toMatchObject({ code: 'already-exists' });
    await expect(migrate(store, target, { state, resume: true, mode: 'append' })).rejects.toMatchObject({
      code: 'invalid-argument',
      reason: expect.stringContaining('another mode: "create", not "append"'),
    });
    expect(await migrate(store, target, { state, resume: true })).toMatchObject({ complete: true, resumed: true });
    // Done: nothing is remembered, so the same work can begin again.
    await target.drop('items');
    expect(await migrate(store, target, { state })).toMatchObject({ complete: true, resumed: false });
  });
});

type Write = (batch: VectorBatch) => ReturnType<IVectorSearchRepository['upsertMany']>;

/** A store whose writes go through `around`. */
function failing(
  around: (batch: VectorBatch, write: Write) => ReturnType<IVectorSearchRepository['upsertMany']>,
  target: MemoryRepositories = memoryRepositories(),
): TargetStore {
  return {
    ...target,
    repository: async (name, options) => {
      const inner = await target.repository(name, options);
      return {
        ...inner,
        upsertMany: async (batch) => around(batch as VectorBatch, async (given) => inner.upsertMany(given)),
      };
    },
  };
}

function slow(target: MemoryRepositories, onWrite: () => void): Pick<TargetStore, 'repository'> {
  return failing(async (batch, write) => {
    onWrite();
    return write(batch);
  }, target);
}

/** A repository that stores unit vectors, as providers do for cosine. */
function unitRepository(
  inner: IVectorSearchRepository,
  spoil: (vector: Float32Array, row: number) => void,
): IVectorSearchRepository {
  return {
    ...inner,
    traits: { ...inner.traits, normalizes: ['cosine'] },
    upsertMany: async (given) => {
      const batch = 'ids' in given ? given : batchFromRecords(given);
      const column = batch.vectors['default'];
      if (column?.kind !== 'dense') throw new Error('not dense');
      const values = column.values.slice();
      for (let row = 0; row < batch.ids.length; row++) {
        const vector = values.subarray(row * column.dimension, (row + 1) * column.dimension);
        const length = Math.hypot(...vector);
        vector.forEach((value, i) => {
          vector[i] = value / length;
        });
        spoil(vector, Number(/\d+$/.exec(batch.ids[row] ?? '')?.[0] ?? -1));
      }
      return inner.upsertMany({ ...batch, vectors: { default: { ...column, values } } });
    },
  };
}
