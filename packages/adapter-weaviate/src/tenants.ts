import type { CallOptions, TenantDriver, TenantInfo } from '@vecport/abstractions';
import { parseClass } from './class-schema.js';
import type { WeaviateConnection } from './client.js';
import { noCollection, notSupported } from './errors.js';

interface TenantSchema {
  readonly name: string;
  readonly activityStatus?: string | undefined;
}

const NOT_FOUND = 404;
const ACTIVE = /^(?:HOT|ACTIVE)$/;

/** The tenants of the classes of a server. */
export function createTenants(connection: WeaviateConnection): TenantDriver {
  return {
    list: async (collection, options) => {
      if (!(await isDivided(connection, collection, options))) return [];
      const tenants = await readTenants(connection, collection, options);
      return tenants.map(tenantInfo).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    create: async (collection, tenant, options) => {
      if (!(await isDivided(connection, collection, options))) {
        throw notSupported(
          `The collection '${collection}' has no tenants.`,
          'Only a collection made with multiTenant has them.',
        );
      }
      if ((await readTenants(connection, collection, options)).some(({ name }) => name === tenant)) return;
      const body = JSON.stringify([{ name: tenant }]);
      await connection.rest({ method: 'POST', path: `/schema/${collection}/tenants`, body, ...options });
    },
  };
}

/**
 * Check that a tenant can be read as it is. An inactive one is refused before it is asked for anything, as some classes
 * activate tenants by themselves when they are.
 * @throws VecportError `not-found`, `not-supported` for an inactive one.
 */
export async function checkTenant(
  connection: WeaviateConnection,
  collection: string,
  tenant: string,
  options: CallOptions,
): Promise<void> {
  const found = (await readTenants(connection, collection, options)).find(({ name }) => name === tenant);
  if (found === undefined) {
    throw noCollection(`${collection}#${tenant}`, 'List the tenants of the collection, or create the tenant first.');
  }
  const { unreadable } = tenantInfo(found);
  if (unreadable !== undefined) {
    throw notSupported(
      `The tenant '${tenant}' cannot be read: ${unreadable}`,
      'Activate it in Weaviate first; Vecport never does it by itself.',
    );
  }
}

function tenantInfo({ name, activityStatus = 'HOT' }: TenantSchema): TenantInfo {
  if (ACTIVE.test(activityStatus)) return { name };
  return { name, unreadable: `It is not active (${activityStatus}).` };
}

async function readTenants(
  connection: WeaviateConnection,
  collection: string,
  options: CallOptions,
): Promise<readonly TenantSchema[]> {
  const { body } = await connection.rest({ path: `/schema/${collection}/tenants`, ...options });
  return (JSON.parse(body.toString()) as readonly TenantSchema[] | null) ?? [];
}

async function isDivided(connection: WeaviateConnection, collection: string, options: CallOptions): Promise<boolean> {
  if (!/^\w+$/.test(collection)) throw noCollection(collection);
  const path = `/schema/${collection}`;
  const { status, body } = await connection.rest({ path, accept: [NOT_FOUND], ...options });
  if (status === NOT_FOUND) throw noCollection(collection);
  const { schema } = parseClass(body);
  return schema.multiTenancyConfig?.enabled === true;
}
