import { randomBytes } from 'node:crypto';
import type { StoreDriver } from '@vecport/abstractions';
import { adapter } from '@vecport/adapter-pgvector';
import { serverUrl } from '@vecport/testkit';
import pg from 'pg';

/** A schema of a test's own on the real server, with a store and a client that see it. */
export interface TestSchema {
  readonly schema: string;
  readonly store: StoreDriver;
  /** Run SQL as the superuser, the schema first in the search path. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Lock a table as another session would; the function it gives unlocks it. */
  lock(table: string): Promise<() => Promise<void>>;
  /** Another store, closed with the schema, with settings over those of the server. */
  open(settings?: Readonly<Record<string, string>>): Promise<StoreDriver>;
  /** The name of something that is not in the schema and is dropped with it: a role. */
  role(grants: string): Promise<string>;
  close(): Promise<void>;
}

/** Make a schema; `close` drops it and closes all stores. */
export async function testSchema(): Promise<TestSchema> {
  const url = serverUrl('pgvector');
  const schema = `vecport_${process.pid}_${randomBytes(4).toString('hex')}`;
  const connectionString = url.replace(/^pgvector:/, 'postgres:');
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ readonly extension: string }>(
    `SELECT quote_ident(nspname) AS extension FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'`,
  );
  const extension = rows[0]?.extension ?? 'public';
  await client.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}, ${extension}`);
  const stores: StoreDriver[] = [];
  const roles: string[] = [];
  const open = async (settings: Readonly<Record<string, string>> = {}): Promise<StoreDriver> => {
    const store = await adapter.open({ url, schema, ...settings }, {});
    stores.push(store);
    return store;
  };
  return {
    schema,
    store: await open(),
    open,
    sql: async (text) => {
      const result = (await client.query(text)) as unknown as pg.QueryResult | readonly pg.QueryResult[];
      return 'rows' in result ? (result.rows as Record<string, unknown>[]) : [];
    },
    lock: async (table) => {
      const other = new pg.Client({ connectionString });
      await other.connect();
      await other.query(`BEGIN; LOCK TABLE ${schema}.${table} IN ACCESS EXCLUSIVE MODE`);
      return async () => other.end();
    },
    role: async (grants) => {
      const role = `${schema}_role_${roles.length}`;
      roles.push(role);
      await client.query(
        `CREATE ROLE ${role} LOGIN PASSWORD 'vecport'; GRANT USAGE ON SCHEMA ${schema}, ${extension} TO ${role}`,
      );
      await client.query(grants.replaceAll('$role', role));
      return role;
    },
    close: async () => {
      try {
        for (const store of stores) await store.close();
        await client.query(`DROP SCHEMA ${schema} CASCADE`);
        for (const role of roles) await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      } finally {
        await client.end();
      }
    },
  };
}
