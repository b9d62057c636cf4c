import assert from 'node:assert/strict';
import type { OpenStore } from '@vecport/core';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { expectError } from '../conformance/expect-error.js';
import { fingerprints, recordFingerprints } from '../conformance/fingerprint.js';

/** Making, listing, opening and dropping collections. */
export const lifecycleSuite = suite('lifecycle', [
  {
    name: 'a new collection is listed, can be opened and is empty',
    run: async ({ store, description }) => {
      const wanted = description();
      assert.equal(await isListed(store(), wanted.name), false, 'not listed before');
      await store().create(wanted);
      assert.equal(await isListed(store(), wanted.name), true, 'listed after');
      const repository = await store().repository(wanted.name);
      assert.equal(repository.collection, wanted.name);
      assert.equal(repository.provider, store().provider);
      assert.equal(await repository.count(), 0, 'empty');
    },
  },
  {
    name: 'making a collection that exists is refused and leaves it untouched',
    run: async ({ store, filled, description }) => {
      const { repository, points } = await filled(5);
      const before = await repository.describe();
      const { vectors, idKinds } = description();
      await expectError(
        async () => store().create({ name: repository.collection, vectors, idKinds }),
        'already-exists',
      );
      const again = await store().repository(repository.collection);
      assert.equal(await again.count(), 5, 'its points are there');
      assertSame(await again.describe(), before, 'its description is the same');
      const kept = await again.get(points.map(({ id }) => id));
      assertSame(fingerprints(kept), recordFingerprints(points), 'its points are the same');
    },
  },
  {
    name: 'a dropped collection is gone with its points',
    run: async ({ store, filled, description }) => {
      const { repository } = await filled(3);
      const name = repository.collection;
      await store().drop(name);
      assert.equal(await isListed(store(), name), false, 'not listed');
      await expectError(async () => store().repository(name), 'not-found');
      await store().create({ ...description(), name });
      assert.equal(await (await store().repository(name)).count(), 0, 'a new one of the same name is empty');
      await store().drop(name);
    },
  },
  {
    name: 'opening and dropping a collection that does not exist is not-found',
    run: async ({ store, description, provider }) => {
      const { name } = description();
      for (const call of [async () => store().repository(name), async () => store().drop(name)]) {
        const error = await expectError(call, 'not-found');
        assert.ok(error.message.includes(name), `the message names the collection: ${error.message}`);
        assert.equal(error.provider, provider, 'the error names the provider');
      }
    },
  },
  {
    name: 'points are there after the store was closed and opened again',
    run: async ({ filled, reopen }) => {
      const { repository, points } = await filled(7);
      const store = await reopen();
      const again = await store.repository(repository.collection);
      assertSame(fingerprints(await again.get(points.map(({ id }) => id))), recordFingerprints(points));
    },
  },
]);

async function isListed(store: OpenStore, name: string): Promise<boolean> {
  return (await store.collections()).some((info) => info.name === name);
}
