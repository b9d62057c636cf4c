import type { CollectionDriver, IVectorSearchRepository } from '@vecport/abstractions';
import { driverRepository, type RepositoryAbout } from './driver-repository.js';
import { errorContextLayer } from './layers/error-context-layer.js';
import { tracingLayer } from './layers/tracing-layer.js';
import { validationLayer } from './layers/validation-layer.js';
import { applyLayers, type RepositoryLayer } from './repository-layer.js';
import type { OnTrace } from './trace-event.js';

/** What is put around a driver beyond checks and error context. */
export interface RepositoryOptions {
  readonly onTrace?: OnTrace | undefined;
  /** Applied outside the built-in layers, in order. */
  readonly layers?: readonly RepositoryLayer[] | undefined;
  /** Texts that must not appear in an error, e.g. the password of the connection. */
  readonly secrets?: readonly string[] | undefined;
}

/**
 * The repository of an adapter's collection: checks, error context, tracing where somebody listens,
 * then the given layers. Its optional methods are exactly the driver's.
 */
export function createRepository(
  driver: CollectionDriver,
  about: RepositoryAbout,
  options: RepositoryOptions = {},
): IVectorSearchRepository {
  const { onTrace, layers = [], secrets = [] } = options;
  return applyLayers(driverRepository(driver, about), [
    validationLayer,
    errorContextLayer(secrets),
    ...(onTrace === undefined ? [] : [tracingLayer(onTrace)]),
    ...layers,
  ]);
}
