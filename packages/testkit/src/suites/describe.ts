import assert from 'node:assert/strict';
import { isVecportError } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';

/** What a collection says it is. */
export const describeSuite = suite('describe', [
  {
    name: 'a collection is described as it was made',
    run: async ({ store, description, reopen }) => {
      const wanted = description({
        fields: [
          { name: 'group', type: 'string' },
          { name: 'rank', type: 'integer' },
        ],
      });
      await store().create(wanted);
      for (const open of [async () => store(), reopen]) {
        const said = await (await (await open()).repository(wanted.name)).describe();
        assert.equal(said.name, wanted.name);
        assertSame([...said.idKinds], [...wanted.idKinds]);
        assertSame(Object.keys(said.vectors), Object.keys(wanted.vectors));
        const { kind, dimension, elementType, metric } = said.vectors['default'] ?? {};
        assertSame({ kind, dimension, elementType, metric }, wanted.vectors['default']);
        if (said.fields !== undefined) assertSame(said.fields, wanted.fields);
      }
    },
  },
  {
    name: 'the embedding model is kept, or refused by name',
    run: async ({ store, description }) => {
      const wanted = description({ embeddingModel: 'all-MiniLM-L6-v2' });
      try {
        await store().create(wanted);
      } catch (error) {
        assert.ok(
          isVecportError(error) && error.code === 'not-supported',
          `expected not-supported, got ${String(error)}`,
        );
        return;
      }
      const said = await (await store().repository(wanted.name)).describe();
      assert.equal(said.embeddingModel, 'all-MiniLM-L6-v2');
    },
  },
  {
    name: 'the same description comes before and after writing',
    run: async ({ create, ordinaryPoints }) => {
      const repository = await create();
      const before = await repository.describe();
      await repository.upsertMany(ordinaryPoints(5));
      assertSame(await repository.describe(), before);
    },
  },
]);
