import { type CallOptions, type StoreDriver, stringifyJson } from '@vecport/abstractions';
import { type ClassSchema, parseClass, type ReadClass } from './class-schema.js';
import type { WeaviateConnection } from './client.js';
import { invalidArgument, noCollection } from './errors.js';
import { readLayout } from './layout.js';
import type { OpenClass } from './open-class.js';
import { planClass } from './plan-class.js';
import { createCollection, createDividedCollection, TRAITS } from './repository.js';
import { checkTenant, createTenants } from './tenants.js';

const NOT_FOUND = 404;

/** A server as a store: every class is a collection. */
export function createStore(connection: WeaviateConnection): StoreDriver {
  return {
    version: connection.version,
    traits: TRAITS,
    tenants: createTenants(connection),
    collections: async (options) => {
      const { body } = await connection.rest({ path: '/schema', ...options });
      const { classes } = JSON.parse(body.toString()) as { readonly classes?: readonly ClassSchema[] | null };
      return (classes ?? []).map((schema) => ({ name: schema.class })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    collection: async (name, { tenant, ...options }) => {
      const layout = readLayout(await readClass(connection, name, options));
      if (tenant !== undefined) {
        if (!layout.multiTenant)
          throw invalidArgument(`The collection '${name}' has no tenants.`, 'Open it without one.');
        await checkTenant(connection, layout.name, tenant, options);
      }
      const known = Object.entries(layout.description.vectors).flatMap(([vector, { dimension }]) =>
        dimension === undefined ? [] : [[vector, dimension] as const],
      );
      const open: OpenClass = {
        connection,
        layout,
        target: { collection: layout.name, tenant, consistencyLevel: connection.config.consistencyLevel },
        dimensions: new Map(known),
      };
      return layout.multiTenant && tenant === undefined ? createDividedCollection(open) : createCollection(open);
    },
    create: async (description, options) => {
      const body = stringifyJson(planClass(description, connection.config.defaultIndex));
      await connection.rest({ method: 'POST', path: '/schema', body, ...options });
    },
    drop: async (name, options) => {
      const { schema } = await readClass(connection, name, options);
      if (schema.class !== name) throw invalidArgument(`'${name}' is an alias of the collection '${schema.class}'.`);
      await connection.rest({ method: 'DELETE', path: `/schema/${name}`, ...options });
    },
    close: async () => connection.close(),
  };
}

/**
 * A class by its name or an alias. The server overlooks the case of the first letter, which is not done here.
 * @throws VecportError `not-found`.
 */
async function readClass(connection: WeaviateConnection, name: string, options: CallOptions): Promise<ReadClass> {
  if (!/^\w+$/.test(name)) throw noCollection(name);
  const { status, body } = await connection.rest({ path: `/schema/${name}`, accept: [NOT_FOUND], ...options });
  if (status === NOT_FOUND) throw noCollection(name);
  const found = parseClass(body);
  const real = found.schema.class;
  if (real !== name && real.toLowerCase() === name.toLowerCase()) throw noCollection(name, `There is one '${real}'.`);
  return found;
}
