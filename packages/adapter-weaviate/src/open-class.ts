import type { WeaviateConnection } from './client.js';
import type { CollectionLayout } from './layout.js';
import type { Target } from './requests.js';

/** A class that is open, with or without a tenant. */
export interface OpenClass {
  readonly connection: WeaviateConnection;
  readonly layout: CollectionLayout;
  readonly target: Target;
  /** Floats of each vector as far as they are known: declared by Vecport, or found at an object. */
  readonly dimensions: Map<string, number>;
}
