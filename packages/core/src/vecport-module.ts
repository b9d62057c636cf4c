import {
  ADAPTER,
  type AdapterRegistration,
  CAPABILITY_REGISTRY,
  type IVectorSearchRepository,
  STORE_CATALOG,
  VECTOR_SEARCH_REPOSITORY,
} from '@vecport/abstractions';
import { ContainerModule, type ResolutionContext } from 'inversify';
import { type Composition, createComposition } from './composition.js';
import type { VecportModuleOptions } from './host-options.js';

/** Bound to the composition itself; for `createHost`. */
export const COMPOSITION = Symbol('@vecport/core/composition');

/**
 * For applications with a container of their own:
 * `container.load(vecportModule({ … }), lancedb({ path }))`, in any order.
 *
 * Binds `STORE_CATALOG`, `CAPABILITY_REGISTRY` and `VECTOR_SEARCH_REPOSITORY` as singletons; each
 * discovered adapter is bound to `ADAPTER` when it is imported. The adapters in the container are
 * taken at the first use of one of these. The repository is asynchronous (`getAsync`) until it was
 * opened once, and then also for `get`. Unloading the module (`unloadAsync`, `unbindAllAsync`) closes
 * every store it opened.
 */
export function vecportModule(options: VecportModuleOptions = {}): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(COMPOSITION)
      .toDynamicValue((context) =>
        createComposition(options, context.getAll<AdapterRegistration>(ADAPTER), (registration) => {
          bind(ADAPTER).toConstantValue(registration);
        }),
      )
      .inSingletonScope()
      .onDeactivation(async (composition) => (composition as Composition).close());
    bind(STORE_CATALOG).toDynamicValue((context) => composed(context).catalog);
    bind(CAPABILITY_REGISTRY).toDynamicValue((context) => composed(context).capabilities);
    // Not a singleton of the container, which would keep a failure and stay asynchronous for ever.
    bind(VECTOR_SEARCH_REPOSITORY).toDynamicValue((context): Resolved => {
      const composition = composed(context);
      return composition.openedRepository() ?? composition.repository();
    });
  });
}

type Resolved = IVectorSearchRepository | Promise<IVectorSearchRepository>;

function composed(context: ResolutionContext): Composition {
  return context.get<Composition>(COMPOSITION);
}
