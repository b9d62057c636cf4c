import { type CallOptions, type IVectorSearchRepository, type TenantInfo, VecportError } from '@vecport/abstractions';

/** A store as far as opening collections goes. */
export interface CollectionOpener {
  readonly provider: string;
  tenants(collection: string, options?: CallOptions): Promise<readonly TenantInfo[]>;
  repository(
    name: string,
    options?: CallOptions & { readonly tenant?: string | undefined },
  ): Promise<IVectorSearchRepository>;
}

/** Which tenants of a collection. */
export interface OpenTenantsOptions extends CallOptions {
  /** Those of these names; all of them if not said. */
  readonly tenants?: readonly string[] | undefined;
}

/**
 * What has to be read for a whole collection: the collection, or each of its tenants.
 * @throws VecportError `not-found` for a tenant that is not there, `unavailable` for one that cannot be read as it
 * is: nothing is left out silently.
 */
export async function openCollection(
  store: CollectionOpener,
  name: string,
  { tenants: wanted, signal }: OpenTenantsOptions = {},
): Promise<readonly IVectorSearchRepository[]> {
  const known = await store.tenants(name, { signal });
  const place = { provider: store.provider, collection: name };
  const missing = wanted?.find((tenant) => known.every((info) => info.name !== tenant));
  if (missing !== undefined) {
    const advice = known.length === 0 ? 'It is not divided into tenants.' : `It has: ${shown(known)}.`;
    throw new VecportError('not-found', `There is no tenant '${missing}'.`, { ...place, advice });
  }
  if (known.length === 0) return [await store.repository(name, { signal })];
  const chosen = wanted === undefined ? known : known.filter((info) => wanted.includes(info.name));
  const unreadable = chosen.find((info) => info.unreadable !== undefined);
  if (unreadable !== undefined) {
    throw new VecportError('unavailable', `The tenant '${unreadable.name}' cannot be read: ${unreadable.unreadable}`, {
      ...place,
      advice: 'Make it readable, or choose the tenants to read by name.',
    });
  }
  const repositories: IVectorSearchRepository[] = [];
  for (const { name: tenant } of chosen) repositories.push(await store.repository(name, { tenant, signal }));
  return repositories;
}

function shown(tenants: readonly TenantInfo[]): string {
  const names = tenants.slice(0, 10).map(({ name }) => name);
  return names.join(', ') + (tenants.length > names.length ? ` and ${tenants.length - names.length} more` : '');
}
