import assert from 'node:assert/strict';
import { CAPABILITIES, type Capability, exportAll, hasCapability, requireCapability } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { type SuiteCheck, suite } from '../conformance/check.js';
import { expectError } from '../conformance/expect-error.js';

/** Optional methods and traits. */
export const capabilitiesSuite = suite('capabilities', [
  ...CAPABILITIES.map(
    (capability): SuiteCheck => ({
      name: `${capability} is a method, or absent with a reason`,
      needs: [capability],
      run: async ({ create }) => {
        const repository = await create();
        assert.equal(requireCapability(repository, capability), repository);
        assert.equal(typeof repository[capability], 'function');
      },
    }),
  ),
  {
    name: 'a repository without optional methods says so instead of a TypeError',
    run: async ({ create }) => {
      const repository = await create();
      const bare = { ...repository, advise: () => ({ reason: 'It was taken away.', alternatives: ['lancedb'] }) };
      for (const capability of CAPABILITIES) delete (bare as Partial<Record<Capability, unknown>>)[capability];
      assert.equal(hasCapability(bare, 'exportAll'), false);
      const error = await expectError(async () => exportAll(bare), 'not-supported');
      for (const part of [bare.provider, 'It was taken away.', 'lancedb'])
        assert.ok(error.message.includes(part), part);
    },
  },
  {
    name: 'traits are frozen data with sensible limits',
    run: async ({ traits }) => {
      assert.ok(Object.isFrozen(traits), 'frozen');
      assertSame(JSON.parse(JSON.stringify(traits)), traits, 'printable');
      for (const limit of [
        'maxIdBytes',
        'maxDimension',
        'defaultBatchSize',
        'maxBatchSize',
        'maxWritePoints',
        'maxWriteBytes',
        'maxTopK',
      ] as const) {
        assert.ok(Number.isSafeInteger(traits[limit]) && traits[limit] > 0, `${limit} is a positive integer`);
      }
      assert.ok(traits.defaultBatchSize <= traits.maxBatchSize, 'the default batch is within the limit');
      assert.ok(
        traits.vectorKinds.length > 0 && traits.idKinds.length > 0 && traits.metrics.length > 0,
        'something fits',
      );
      assertSame(
        traits.normalizes.filter((metric) => !traits.metrics.includes(metric)),
        [],
        'only its own metrics',
      );
    },
  },
]);
