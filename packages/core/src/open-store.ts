import {
  type CallOptions,
  type CollectionDescription,
  type CollectionDriver,
  type IVectorSearchRepository,
  isVecportError,
  type OpenCollectionOptions,
  type StoreDriver,
  VecportError,
} from '@vecport/abstractions';
import type { LearningRegistry } from './capability-registry.js';
import { createRepository, type RepositoryOptions } from './create-repository.js';
import { absenceReason } from './driver-repository.js';
import { addErrorContext } from './error-context.js';
import type { OpenStore } from './store-catalog.js';

const LISTED = 10;

/** What an open store is made of. */
export interface StoreParts {
  readonly driver: StoreDriver;
  readonly provider: string;
  /** As it may be shown. */
  readonly url: string;
  readonly defaultCollection: string | undefined;
  readonly defaultTenant: string | undefined;
  readonly secrets: readonly string[];
  readonly registry: LearningRegistry;
  readonly options: RepositoryOptions;
  /** Called once, when the store is closed. */
  onClose(): void;
}

/** The public store around a driver: checks, error context, repositories with their layers. */
export function createOpenStore(parts: StoreParts): OpenStore {
  const { driver, provider, url, secrets } = parts;
  let closed: Promise<void> | undefined;
  const run = async <T, O extends CallOptions>(
    operation: string,
    collection: string | undefined,
    options: O | undefined,
    call: (options: O | CallOptions) => Promise<T>,
  ): Promise<T> => {
    try {
      options?.signal?.throwIfAborted();
      if (closed !== undefined) throw new VecportError('invalid-argument', `The store ${url} is closed.`);
      return await call(options ?? {});
    } catch (error) {
      throw addErrorContext(error, { provider, collection, operation }, options?.signal, secrets);
    }
  };
  return {
    provider,
    url,
    version: driver.version,
    defaultCollection: parts.defaultCollection,
    defaultTenant: parts.defaultTenant,
    traits: driver.traits,
    multiTenant: driver.tenants !== undefined,
    collections: async (options) => run('collections', undefined, options, async (o) => driver.collections(o)),
    repository: async (name, options) =>
      run('repository', name, options, async (o) => openCollection(parts, checkedName(name), o)),
    tenants: async (name, options) =>
      run('tenants', name, options, async (o) =>
        naming(parts, name, o, async () => (await driver.tenants?.list(checkedName(name), o)) ?? []),
      ),
    createTenant: async (name, tenant, options) =>
      run('createTenant', name, options, async (o) => {
        if (driver.tenants === undefined) {
          throw new VecportError('not-supported', `Collections of ${provider} are not divided into tenants.`);
        }
        if (tenant === '') throw new VecportError('invalid-argument', 'The name of the tenant is empty.');
        await driver.tenants.create(checkedName(name), tenant, o);
      }),
    create: async (description, options) =>
      run('create', description.name, options, async (o) => driver.create(checkedDescription(description, parts), o)),
    drop: async (name, options) =>
      run('drop', name, options, async (o) => naming(parts, name, o, async () => driver.drop(checkedName(name), o))),
    close: async () => {
      closed ??= closeDriver(parts);
      return closed;
    },
  };
}

async function openCollection(
  parts: StoreParts,
  name: string,
  options: OpenCollectionOptions,
): Promise<IVectorSearchRepository> {
  const { provider, url, registry } = parts;
  const { tenant } = options;
  if (tenant !== undefined && parts.driver.tenants === undefined) {
    throw new VecportError('invalid-argument', `Collections of ${provider} are not divided into tenants.`);
  }
  const open = async (): Promise<CollectionDriver> => parts.driver.collection(name, options);
  // Of a missing tenant the driver says more than the list of collections would.
  const driver = tenant === undefined ? await naming(parts, name, options, open) : await open();
  registry.learn(provider, url, name, driver);
  return createRepository(
    driver,
    { provider, collection: name, tenant, advise: adviceOf(driver, parts) },
    {
      ...parts.options,
      secrets: parts.secrets,
    },
  );
}

function adviceOf(driver: CollectionDriver, { provider, registry }: StoreParts): IVectorSearchRepository['advise'] {
  return (capability) => ({
    reason: absenceReason(driver, capability),
    alternatives: registry.advise(capability, provider).alternatives,
  });
}

// `not-found` says which collections there are.
async function naming<T>(parts: StoreParts, name: string, options: CallOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isVecportError(error) || error.code !== 'not-found') throw error;
    const advice = await listing(parts.driver, options);
    throw new VecportError('not-found', `There is no collection '${name}' in ${parts.url}.`, { advice, cause: error });
  }
}

async function listing(driver: StoreDriver, options: CallOptions): Promise<string | undefined> {
  try {
    const names = (await driver.collections(options)).map((info) => info.name);
    if (names.length === 0) return 'It has no collections yet.';
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
    return `It has: ${names.slice(0, LISTED).join(', ')}${more}.`;
  } catch {
    // The listing is a help only; what failed first is the error to report.
    return undefined;
  }
}

async function closeDriver({ driver, provider, secrets, onClose }: StoreParts): Promise<void> {
  onClose();
  try {
    await driver.close();
  } catch (error) {
    throw addErrorContext(error, { provider, operation: 'close' }, undefined, secrets);
  }
}

function checkedName(name: string): string {
  if (typeof name === 'string' && name !== '') return name;
  throw new VecportError('invalid-argument', 'The name of the collection is empty.');
}

function checkedDescription(
  description: CollectionDescription,
  { driver, provider }: StoreParts,
): CollectionDescription {
  checkedName(description.name);
  if (description.multiTenant === true && driver.tenants === undefined) {
    throw new VecportError('not-supported', `Collections of ${provider} are not divided into tenants.`);
  }
  const vectors = Object.entries(description.vectors);
  if (vectors.length === 0) throw new VecportError('invalid-argument', 'A collection needs at least one vector.');
  for (const [name, { kind, dimension }] of vectors) {
    const good = kind === 'sparse' ? dimension === undefined : Number.isInteger(dimension) && (dimension ?? 0) > 0;
    if (good) continue;
    throw new VecportError('invalid-argument', `The ${kind} vector '${name}' cannot have the dimension ${dimension}.`);
  }
  if (description.idKinds.length === 0) throw new VecportError('invalid-argument', 'A collection needs a kind of id.');
  return description;
}
