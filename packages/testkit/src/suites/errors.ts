import assert from 'node:assert/strict';
import { type CallOptions, type Filter, hasCapability, type IVectorSearchRepository } from '@vecport/abstractions';
import { suite } from '../conformance/check.js';
import { DIMENSION } from '../conformance/context.js';
import { errorOf, expectError } from '../conformance/expect-error.js';

const VECTOR = new Float32Array(DIMENSION).fill(1);

/** Wrong calls and cancelled calls. */
export const errorsSuite = suite('errors', [
  {
    name: 'a wrong argument is an invalid-argument that names provider and collection',
    run: async ({ filled, provider }) => {
      const { repository } = await filled(3);
      const wrong: readonly (() => Promise<unknown>)[] = [
        async () => repository.search({ vector: VECTOR, topK: 0 }),
        async () => repository.search({ vector: VECTOR, topK: 1.5 }),
        async () => repository.count({ op: 'like', field: 'a', value: 'b' } as unknown as Filter),
        async () => repository.upsert('', VECTOR),
        async () => drain(repository, { batchSize: 0 }),
        async () => drain(repository, { batchSize: -1 }),
      ];
      for (const call of wrong) {
        const error = await expectError(call, 'invalid-argument');
        assert.equal(error.provider, provider);
        assert.equal(error.collection, repository.collection);
        assert.ok(error.message.includes(provider) && error.message.includes(repository.collection), error.message);
      }
      assert.equal(await repository.count(), 3, 'nothing changed');
    },
  },
  {
    name: 'a call that was cancelled before does nothing and throws the reason itself',
    run: async ({ filled, id }) => {
      const { repository } = await filled(3);
      const reason = new Error('cancelled by the test');
      const options: CallOptions = { signal: AbortSignal.abort(reason) };
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        describe: async () => repository.describe(options),
        count: async () => repository.count(undefined, options),
        get: async () => repository.get([id(0)], options),
        upsert: async () => repository.upsert(id(9), VECTOR, {}, options),
        upsertMany: async () => repository.upsertMany([{ id: id(9), embedding: VECTOR }], options),
        delete: async () => repository.delete(id(0), options),
        deleteMany: async () => repository.deleteMany([id(0)], options),
        search: async () => repository.search({ vector: VECTOR, topK: 1 }, options),
      };
      for (const [name, call] of Object.entries(calls))
        assert.equal(await errorOf(call), reason, `${name} throws the reason unwrapped`);
      assert.equal(await repository.count(), 3, 'nothing was written or deleted');
    },
  },
  {
    name: 'the store honours a cancelled signal too',
    run: async ({ store, description, filled }) => {
      const { repository } = await filled(1);
      const reason = new Error('cancelled by the test');
      const options: CallOptions = { signal: AbortSignal.abort(reason) };
      const wanted = description();
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        collections: async () => store().collections(options),
        repository: async () => store().repository(repository.collection, options),
        create: async () => store().create(wanted, options),
        drop: async () => store().drop(repository.collection, options),
      };
      for (const [name, call] of Object.entries(calls))
        assert.equal(await errorOf(call), reason, `${name} throws the reason unwrapped`);
      const names = (await store().collections()).map((info) => info.name);
      assert.equal(names.includes(repository.collection), true, 'nothing was dropped');
      assert.equal(names.includes(wanted.name), false, 'nothing was made');
    },
  },
]);

async function drain(repository: IVectorSearchRepository, options: { readonly batchSize: number }): Promise<void> {
  // Without exportAll the same argument is checked nowhere; topK stands in for it.
  if (!hasCapability(repository, 'exportAll')) await repository.search({ vector: VECTOR, topK: options.batchSize });
  else for await (const batch of repository.exportAll(options)) assert.ok(batch);
}
