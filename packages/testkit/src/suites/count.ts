import assert from 'node:assert/strict';
import { suite } from '../conformance/check.js';
import { writeAll } from '../conformance/context.js';

/** Exact counts. */
export const countSuite = suite('count', [
  {
    name: 'counts follow writes and deletes at once',
    run: async ({ create, ordinaryPoints }) => {
      const repository = await create();
      const points = ordinaryPoints(9);
      assert.equal(await repository.count(), 0);
      await writeAll(repository, points);
      assert.equal(await repository.count(), 9);
      await writeAll(repository, points);
      assert.equal(await repository.count(), 9, 'a point written twice is one');
      await repository.deleteMany(points.slice(0, 4).map(({ id }) => id));
      assert.equal(await repository.count(), 5);
    },
  },
  {
    name: 'a filter is counted exactly',
    needs: ['filter:eq', 'count-filter'],
    run: async ({ create, ordinaryPoints, points: count }) => {
      const repository = await create({ fields: [{ name: 'group', type: 'string' }] });
      const points = ordinaryPoints(count);
      await writeAll(repository, points);
      for (const group of ['amber', 'fjord', 'no such group']) {
        const expected = points.filter(({ metadata }) => (metadata as { group: string }).group === group).length;
        assert.equal(await repository.count({ op: 'eq', field: 'group', value: group }), expected, group);
      }
    },
  },
]);
