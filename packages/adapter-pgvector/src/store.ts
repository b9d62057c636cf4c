import { isVecportError, type StoreDriver, VecportError } from '@vecport/abstractions';
import { listTables, readTable } from './catalog.js';
import type { Connections } from './client.js';
import { type CallConfig, PROVIDER } from './config.js';
import { createStatements } from './create-table.js';
import { openDatabase } from './database.js';
import { sqlStateOf } from './errors.js';
import { parseTableName, printTableName, relationOf } from './names.js';
import { createCollection, storeTraits } from './repository.js';
import { createSnapshots } from './snapshots.js';
import { layoutOf } from './table-layout.js';

/** A database as a store: every table with vectors is a collection. Closes the connections it is given, also when it does not open. */
export async function createStore(
  connections: Connections,
  config: CallConfig,
  signal: AbortSignal | undefined,
): Promise<StoreDriver> {
  const database = await openDatabase(connections, config, signal).catch(async (error: unknown) => {
    await connections.close();
    throw error;
  });
  const snapshots = createSnapshots(database);
  const { facts } = database;
  return {
    version: facts.version,
    traits: storeTraits(facts),
    collections: async (options) => {
      const tables = await database.read(options, async (session) => listTables(session, facts));
      return tables.map((table) => ({ name: printTableName(table, config.schema) })).toSorted(byName);
    },
    collection: async (collection, { tenant, ...options }) => {
      options.signal?.throwIfAborted();
      if (tenant !== undefined) {
        throw new VecportError(
          'invalid-argument',
          `Tables of PostgreSQL have no tenants, so there is no '${tenant}'.`,
          {
            provider: PROVIDER,
          },
        );
      }
      const name = parseTableName(collection, config.schema);
      const table = await database.read(options, async (session) => readTable(session, name));
      return createCollection({ collection, database, snapshots, layout: layoutOf(name, table, facts) });
    },
    create: async (description, options) => {
      options.signal?.throwIfAborted();
      const name = parseTableName(description.name, config.schema);
      const statements = createStatements(description, name, facts);
      await database.write(options, async (session) => {
        for (const statement of statements) await session.query(statement).catch(throwTwin);
      });
    },
    drop: async (collection, options) => {
      options.signal?.throwIfAborted();
      const name = parseTableName(collection, config.schema);
      await database.write(options, async (session) => {
        await readTable(session, name);
        await session.query(`DROP TABLE ${relationOf(name)}`);
      });
    },
    close: async () => database.close(),
  };
}

// Two who make the same table at the same moment collide in the catalog's own index.
function throwTwin(error: unknown): never {
  if (isVecportError(error) && sqlStateOf(error) === '23505') {
    throw new VecportError('already-exists', error.reason, { provider: PROVIDER, cause: error.cause });
  }
  throw error;
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}
