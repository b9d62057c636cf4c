import { type Composition, createComposition } from './composition.js';
import type { VecportModuleOptions } from './host-options.js';

/** A host without a container: what a program needs that injects nothing. Whoever makes it closes it. */
export type ComposedHost = Omit<Composition, 'openedRepository'>;

/**
 * Compose the adapters that are discovered, as `createHost` does, without loading a container. Nothing is opened and no
 * adapter is imported yet.
 * @example
 * const host = composeHost();
 * const store = await host.catalog.open('lancedb:./data');
 */
export function composeHost(options: VecportModuleOptions = {}): ComposedHost {
  return createComposition(options, [], () => {});
}
