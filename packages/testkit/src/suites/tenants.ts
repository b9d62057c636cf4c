import assert from 'node:assert/strict';
import { hasCapability, type IVectorSearchRepository, type VectorRecord } from '@vecport/abstractions';
import { assertSame } from '../conformance/assert-same.js';
import { suite } from '../conformance/check.js';
import { collectExport } from '../conformance/collect-export.js';
import { type ConformanceContext, writeAll } from '../conformance/context.js';
import { expectError } from '../conformance/expect-error.js';
import { fingerprints, recordFingerprints } from '../conformance/fingerprint.js';

/** Collections divided into tenants: what belongs to one is seen and touched by nobody else. */
export const tenantsSuite = suite('tenants', [
  {
    name: 'tenants are made, listed by name and kept, and making one again changes nothing',
    needs: ['tenants'],
    run: async (context) => {
      const name = await dividedCollection(context, ['red', 'blue']);
      await writeAll(await context.store().repository(name, { tenant: 'red' }), context.ordinaryPoints(3));
      await context.store().createTenant(name, 'red');
      await writeAll(await context.store().repository(name, { tenant: 'blue' }), context.ordinaryPoints(1));
      const again = await context.reopen();
      assertSame(await tenantNames(context, name), ['blue', 'red']);
      assert.equal(await (await again.repository(name, { tenant: 'red' })).count(), 3);
    },
  },
  {
    name: 'one id is another point in each tenant',
    needs: ['tenants'],
    run: async (context) => {
      const { red, blue, redPoints, bluePoints } = await twoTenants(context);
      const ids = redPoints.map(({ id }) => id);
      assertSame(fingerprints(await red.get(ids)), recordFingerprints(redPoints));
      assertSame(fingerprints(await blue.get(ids)), recordFingerprints(bluePoints));
      assertSame([await red.count(), await blue.count()], [12, 12]);
    },
  },
  {
    name: 'a delete and an upsert stay within their tenant',
    needs: ['tenants'],
    run: async (context) => {
      const { red, blue, redPoints, bluePoints } = await twoTenants(context);
      await red.deleteMany(redPoints.slice(0, 5).map(({ id }) => id));
      await writeAll(red, bluePoints.slice(6, 7));
      assertSame([await red.count(), await blue.count()], [7, 12]);
      assertSame(fingerprints(await blue.get(bluePoints.map(({ id }) => id))), recordFingerprints(bluePoints));
    },
  },
  {
    name: 'a search finds points of its tenant only',
    needs: ['tenants'],
    run: async (context) => {
      const { red, redPoints } = await twoTenants(context);
      const found = await red.search({ vector: redPoints[0]?.embedding ?? new Float32Array(8), topK: 100 });
      assert.equal(found.length, redPoints.length);
      assert.equal(found[0]?.id, redPoints[0]?.id);
    },
  },
  {
    name: 'an export gives the points of its tenant, and all tenants together are the collection',
    needs: ['tenants', 'exportAll'],
    run: async (context) => {
      const { red, blue, redPoints, bluePoints } = await twoTenants(context);
      for (const [repository, points] of [
        [red, redPoints],
        [blue, bluePoints],
      ] as const) {
        const exported = await collectExport(repository, { batchSize: 5 });
        assertSame(exported.points.toSorted(), recordFingerprints(points).toSorted());
        if (!hasCapability(repository, 'slices')) continue;
        const plan = await repository.slices(3);
        const ids: string[] = [];
        for (const slice of plan.slices) ids.push(...(await collectExport(repository, { slice })).ids);
        await repository.releaseSlices?.(plan);
        assertSame(ids.toSorted(), points.map(({ id }) => id).toSorted());
      }
    },
  },
  {
    name: 'a repository knows its tenant, and the description tells that there are some',
    needs: ['tenants'],
    run: async (context) => {
      const { red } = await twoTenants(context);
      assert.equal(red.tenant, 'red');
      assert.equal((await red.describe()).multiTenant, true);
    },
  },
  {
    name: 'a tenant that is not there is not found, and reading it makes none',
    needs: ['tenants'],
    run: async (context) => {
      const name = await dividedCollection(context, ['red', 'blue']);
      await expectError(async () => {
        await (await context.store().repository(name, { tenant: 'green' })).count();
      }, 'not-found');
      assertSame((await tenantNames(context, name)).includes('green'), false);
    },
  },
  {
    name: 'a collection that is not divided has no tenants',
    needs: ['tenants'],
    run: async (context) => {
      const { repository } = await context.filled(3);
      assertSame(await context.store().tenants(repository.collection), []);
      assert.notEqual((await repository.describe()).multiTenant, true);
    },
  },
]);

async function dividedCollection(context: ConformanceContext, tenants: readonly string[]): Promise<string> {
  const description = context.description({ multiTenant: true });
  await context.store().create(description);
  for (const tenant of tenants) await context.store().createTenant(description.name, tenant);
  return description.name;
}

interface TwoTenants {
  readonly red: IVectorSearchRepository;
  readonly blue: IVectorSearchRepository;
  readonly redPoints: readonly VectorRecord[];
  readonly bluePoints: readonly VectorRecord[];
}

/** Two tenants with points of the same ids and different contents. */
async function twoTenants(context: ConformanceContext): Promise<TwoTenants> {
  const name = await dividedCollection(context, ['red', 'blue']);
  const red = await context.store().repository(name, { tenant: 'red' });
  const blue = await context.store().repository(name, { tenant: 'blue' });
  const redPoints = context.ordinaryPoints(12);
  const others = context.ordinaryPoints(24).slice(12);
  const bluePoints = redPoints.map(({ id }, n) => ({ ...others[n], id }));
  await writeAll(red, redPoints);
  await writeAll(blue, bluePoints);
  return { red, blue, redPoints, bluePoints };
}

async function tenantNames(context: ConformanceContext, name: string): Promise<readonly string[]> {
  return (await context.store().tenants(name)).map((tenant) => tenant.name);
}
