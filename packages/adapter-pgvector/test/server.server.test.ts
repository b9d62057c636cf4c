import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CollectionDriver, isVecportError, type SlicePlan } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-pgvector';
import { eventually, serverUrl } from '@vecport/testkit';
import pg from 'pg';
import { codeOf, expectCode, exported, exportedIds, iterate, points, write } from './support/reading.js';
import { type TestSchema, testSchema } from './support/server.js';
import { startProxy } from './support/tcp-proxy.js';

let db: TestSchema;
beforeAll(async () => {
  db = await testSchema();
  await db.sql(`CREATE TABLE big (id int PRIMARY KEY, v vector(384), note text);
    INSERT INTO big SELECT i, array_fill(i::real, ARRAY[384])::vector, 'n' || i FROM generate_series(1, 4000) i`);
});
afterAll(async () => {
  await db.close();
});

const ALL = Array.from({ length: 4000 }, (_, n) => String(n + 1));

async function planOf(collection: CollectionDriver, count: number): Promise<SlicePlan> {
  return (await collection.slices?.(count, {})) ?? { slices: [], consistency: 'scan' };
}

/** Transactions of the store under test that the server knows. */
async function backends(condition: string): Promise<number> {
  const [row] = await db.sql(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'vecport' AND ${condition}`,
  );
  return Number(row?.['n']);
}

describe('an export', () => {
  it('sees one moment and keeps memory flat, whoever writes meanwhile', async () => {
    const collection = await db.store.collection('big', {});
    const ids: string[] = [];
    for await (const batch of collection.exportAll?.({ batchSize: 100 }) ?? []) {
      if (ids.push(...batch.ids) === 100)
        await db.sql('UPDATE big SET id = id + 100000; DELETE FROM big WHERE id > 103000');
    }
    expect(ids).toEqual(ALL);
    await db.sql(
      `DELETE FROM big; INSERT INTO big SELECT i, array_fill(i::real, ARRAY[384])::vector, 'n' || i FROM generate_series(1, 4000) i`,
    );
  });

  it('that nobody reads on stops the server, and one that is left ends there', async () => {
    const collection = await db.store.collection('big', {});
    const iterator = iterate(collection, { batchSize: 10 });
    await iterator.next();
    await eventually(
      'the server waits for the reader',
      async () =>
        (await backends("query LIKE 'COPY%' AND state = 'active' AND wait_event = 'ClientWrite'")) === 1 ||
        (await backends("query LIKE 'COPY%'")) === 1,
    );
    await iterator.return?.();
    await eventually('the export has ended', async () => (await backends("query LIKE 'COPY%'")) === 0);
  });

  it('that waits for a lock ends at once when it is aborted', async () => {
    await db.sql(
      `CREATE TABLE slow (id int PRIMARY KEY, v vector(1), wait text); INSERT INTO slow VALUES (1, '[1]', 'x')`,
    );
    const collection = await db.store.collection('slow', {});
    const controller = new AbortController();
    const unlock = await db.lock('slow');
    const reading = exported(collection, { signal: controller.signal });
    await eventually('it waits for the lock', async () => (await backends("wait_event_type = 'Lock'")) === 1);
    const reason = new Error('aborted by the test');
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await eventually('the server was told', async () => (await backends("wait_event_type = 'Lock'")) === 0);
    await unlock();
    expect(await exportedIds(collection)).toEqual(['1']);
  });

  it('whose backend is ended in the middle throws', async () => {
    const collection = await db.store.collection('big', {});
    const seen: string[] = [];
    const code = await codeOf(async () => {
      for await (const batch of collection.exportAll?.({ batchSize: 10 }) ?? []) {
        if (seen.push(...batch.ids) === 10)
          await db.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND application_name = 'vecport'",
          );
      }
    });
    expect(code).toBe('unavailable');
    expect(seen.length).toBeLessThan(4000);
    expect(await exportedIds(collection, { batchSize: 1000 })).toEqual(ALL);
  });

  it.each([0.1, 0.5, 0.9, 0.999])(
    'whose connection is cut after a part of it (%d) throws or is complete',
    async (part) => {
      const bytes = 4000 * (384 * 4 + 40);
      const upstream = new URL(serverUrl('pgvector').replace(/^pgvector:/, 'http:'));
      const proxy = await startProxy(upstream, Math.floor(bytes * part));
      const url = serverUrl('pgvector').replace(upstream.host, proxy.host);
      const store = await adapter.open({ url, schema: db.schema }, {});
      try {
        const collection = await store.collection('big', {});
        const seen: string[] = [];
        const code = await codeOf(async () => {
          for await (const batch of collection.exportAll?.({ batchSize: 7 }) ?? []) seen.push(...batch.ids);
        });
        expect(code).toBe('unavailable');
        expect(seen).toEqual(ALL.slice(0, seen.length));
        expect(seen.length).toBeLessThan(4000);
      } finally {
        await store.close();
        await proxy.close();
      }
    },
  );
});

describe('slices', () => {
  it('see the moment of their plan until it is released, from any process', async () => {
    const collection = await db.store.collection('big', {});
    const plan = await planOf(collection, 4);
    expect(plan.slices.map(({ points: count }) => count)).toEqual([1000, 1000, 1000, 1000]);
    await db.sql(
      "UPDATE big SET note = 'changed' WHERE id = 1; DELETE FROM big WHERE id = 4000; INSERT INTO big VALUES (5000)",
    );
    const elsewhere = await (await db.open()).collection('big', {});
    for (const reader of [collection, elsewhere]) {
      const read = await Promise.all(plan.slices.map(async (slice) => exported(reader, { slice })));
      expect(read.flatMap((batches) => batches.flatMap(({ ids }) => ids))).toEqual(ALL);
      expect(points(read[0] ?? [])[0]?.[2]).toBe('{"note":"n1"}');
    }
    await collection.releaseSlices?.(plan, {});
    await collection.releaseSlices?.(plan, {});
    expect(await backends("state = 'idle in transaction'")).toBe(0);
    await expectCode('expired', async () => exported(collection, { slice: plan.slices[0] }));
    const later = await Promise.all(plan.slices.map(async (slice) => exportedIds(elsewhere, { slice })));
    expect(later.flat()).toEqual([...ALL.slice(0, 3999), '5000']);
    await db.sql('DELETE FROM big WHERE id = 5000; INSERT INTO big SELECT 4000, v FROM big WHERE id = 1');
  });

  it('whose snapshot the server ended are expired, not read as something else', async () => {
    const collection = await db.store.collection('big', {});
    const plan = await planOf(collection, 2);
    await db.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vecport' AND state = 'idle in transaction'",
    );
    await eventually('the snapshot is gone', async () => (await backends("state = 'idle in transaction'")) === 0);
    await expectCode('expired', async () => exported(collection, { slice: plan.slices[0] }));
    await expectCode('expired', async () => exported(collection, { slice: plan.slices[1] }));
    await collection.releaseSlices?.(plan, {});
  });

  it('hold no lock on the table and no more snapshots than a few', async () => {
    const store = await adapter.open({ url: serverUrl('pgvector'), schema: db.schema }, {});
    await store.create(
      { name: 'held', vectors: { default: { kind: 'dense', dimension: 1, elementType: 'float32' } }, idKinds: ['i64'] },
      {},
    );
    const collection = await store.collection('held', {});
    await write(collection, { id: '1', embedding: Float32Array.of(1) });
    const plans: SlicePlan[] = [];
    for (let n = 0; n < 7; n++) plans.push(await planOf(collection, 1));
    expect(await backends("state = 'idle in transaction'")).toBe(4);
    await expectCode('expired', async () => exported(collection, { slice: plans[0]?.slices[0] }));
    expect(await exportedIds(collection, { slice: plans[6]?.slices[0] })).toEqual(['1']);
    await store.drop('held', {});
    await store.close();
    await eventually('nothing is held', async () => (await backends("state = 'idle in transaction'")) === 0);
  });

  it('of another making are refused', async () => {
    const collection = await db.store.collection('big', {});
    for (const token of ['', 'x', '{}', '{"v":1,"plan":"a","snapshot":"b","server":"c","after":5}', '[]', 'null']) {
      await expectCode('invalid-argument', async () => exported(collection, { slice: { token } }));
    }
    await expectCode('invalid-argument', async () => exported(collection, { after: 'pg1:not an integer' }));
  });

  it('more than there are connections are read all the same, and exports nobody reads are named', async () => {
    const store = await db.open({ connections: '2', timeout: '1000' });
    const collection = await store.collection('big', {});
    const plan = await planOf(collection, 10);
    const read = await Promise.all(
      plan.slices.map(async (slice) => exportedIds(collection, { slice, batchSize: 100 })),
    );
    expect(read.flat()).toEqual(ALL);
    const stalled = [0, 1].map(() => iterate(collection, { batchSize: 10 }));
    for (const iterator of stalled) await iterator.next();
    await expectCode('unavailable', async () => exported(collection));
    for (const iterator of stalled) await iterator.return?.();
    expect(await exportedIds(collection, { batchSize: 1000 })).toEqual(ALL);
  });
});

describe('a role', () => {
  async function openAs(role: string) {
    const url = new URL(serverUrl('pgvector').replace(/^pgvector:/, 'http:'));
    url.username = role;
    url.password = 'vecport';
    return db.open({ url: url.href.replace(/^http:/, 'pgvector:') });
  }

  it('that may only read the table describes and exports it, and cannot write', async () => {
    await db.sql(
      "CREATE TABLE readable (id int PRIMARY KEY, v vector(1), t text); INSERT INTO readable VALUES (1, '[1]', 'x'); CREATE TABLE unreadable (id int PRIMARY KEY, v vector(1))",
    );
    const store = await openAs(await db.role(`GRANT SELECT ON ${db.schema}.readable TO $role`));
    const names = (await store.collections({})).map(({ name }) => name);
    expect(names).toContain('readable');
    expect(names).not.toContain('unreadable');
    const collection = await store.collection('readable', {});
    const description = await collection.describe({});
    expect(description.vectors['default']?.dimension).toBe(1);
    expect(JSON.stringify(description.native)).toContain('readable_pkey');
    expect(points(await exported(collection))).toEqual([['1', { default: [1] }, '{"t":"x"}']]);
    await expectCode('forbidden', async () =>
      write(collection, { id: '2', embedding: Float32Array.of(1), metadata: { t: null } }),
    );
    await expectCode('forbidden', async () => collection.deleteMany(['1'], {}));
    await expectCode('forbidden', async () => store.drop('readable', {}));
    const hidden = await store.collection('unreadable', {});
    await expectCode('forbidden', async () => exported(hidden));
    await expectCode('forbidden', async () => hidden.count(undefined, {}));
  });

  it('from whom a policy hides rows gets an error instead of a part', async () => {
    await db.sql(`CREATE TABLE guarded (id int PRIMARY KEY, v vector(1)); INSERT INTO guarded VALUES (1, '[1]'), (2, '[2]');
      ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY a_part ON guarded USING (id = 1)`);
    const store = await openAs(await db.role(`GRANT ALL ON ${db.schema}.guarded TO $role`));
    const collection = await store.collection('guarded', {});
    for (const call of [
      async () => exported(collection),
      async () => collection.count(undefined, {}),
      async () => collection.get(['2'], {}),
      async () => collection.search({ vector: Float32Array.of(1), topK: 5 }, {}),
      async () => collection.deleteMany(['2'], {}),
      async () => planOf(collection, 2),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(isVecportError(error) ? [error.code, error.advice] : error).toEqual([
        'forbidden',
        expect.stringContaining('BYPASSRLS'),
      ]);
    }
    expect(await exportedIds(await db.store.collection('guarded', {}))).toEqual(['1', '2']);
  });

  it('with settings of its own reads the same', async () => {
    await db.sql(`CREATE TABLE settings (k timestamptz PRIMARY KEY, v vector(1), f double precision, b bytea, i interval, d date);
      INSERT INTO settings SELECT '2024-02-29 12:00:00.123456+00'::timestamptz + i * interval '1 s', '[0.1]', 0.1::float4, '\\x00ff', '1 month 2 days', '2024-02-29' FROM generate_series(0, 20000) i`);
    const role =
      await db.role(`GRANT SELECT ON ${db.schema}.settings TO $role; ALTER ROLE $role SET timezone TO 'Asia/Tokyo';
      ALTER ROLE $role SET datestyle TO 'German'; ALTER ROLE $role SET intervalstyle TO 'iso_8601'; ALTER ROLE $role SET extra_float_digits TO -5;
      ALTER ROLE $role SET bytea_output TO 'escape'; ALTER ROLE $role SET search_path TO ''; ALTER ROLE $role SET default_transaction_read_only TO on;
      ALTER ROLE $role SET standard_conforming_strings TO off; ALTER ROLE $role SET lc_monetary TO 'C.UTF-8'`);
    const store = await openAs(role);
    const expected = points(await exported(await db.store.collection('settings', {}), { batchSize: 1000 }));
    expect(expected[0]?.[0]).toBe('2024-02-29 12:00:00.123456+00');
    expect(expected).toHaveLength(20_001);
    expect(points(await exported(await store.collection('settings', {}), { batchSize: 1000 }))).toEqual(expected);
  });
});

describe('an injected pool', () => {
  it('is used and left open; one too small or no pool is refused', async () => {
    const connectionString = serverUrl('pgvector').replace(/^pgvector:/, 'postgres:');
    const pool = new pg.Pool({ connectionString, max: 4 });
    const store = await adapter.open({ schema: db.schema }, { client: pool });
    const collection = await store.collection('big', {});
    const plan = await planOf(collection, 3);
    const read = await Promise.all(
      plan.slices.map(async (slice) => exportedIds(collection, { slice, batchSize: 100 })),
    );
    expect(read.flat()).toEqual(ALL);
    for await (const batch of collection.exportAll?.({ batchSize: 10 }) ?? []) {
      expect(batch.ids).toHaveLength(10);
      break;
    }
    expect(await collection.count(undefined, {})).toBe(4000);
    await store.close();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    await expectCode('invalid-argument', async () => adapter.open({}, { client: new pg.Pool({ max: 2 }) }));
    await expectCode('invalid-argument', async () => adapter.open({}, { client: {} }));
  });
});

it('the database, wrong in the URL, is not found', async () => {
  const url = serverUrl('pgvector').replace(/\/[^/]*$/, '/no_such_database');
  await expectCode('not-found', async () => adapter.open({ url }, {}));
});
