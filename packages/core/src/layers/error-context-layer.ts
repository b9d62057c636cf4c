import type { ErrorContext, ExportBatch } from '@vecport/abstractions';
import { addErrorContext } from '../error-context.js';
import type { RepositoryLayer } from '../repository-layer.js';
import { aroundCalls } from './around-calls.js';

/**
 * Errors name provider, collection and method; what is no error of ours becomes `provider-error` with
 * its cause. Abort reasons pass unwrapped. `secrets` are blotted out.
 */
export function errorContextLayer(secrets: readonly string[] = []): RepositoryLayer {
  return (inner) => {
    const contextOf = (operation: string): ErrorContext => ({
      provider: inner.provider,
      collection: inner.collection,
      operation,
    });
    return aroundCalls(inner, {
      call: async ({ operation, signal }, run) => {
        try {
          return await run();
        } catch (error) {
          throw addErrorContext(error, contextOf(operation), signal, secrets);
        }
      },
      iterate: async function* ({ operation, signal }, open): AsyncGenerator<ExportBatch, void, undefined> {
        try {
          yield* open();
        } catch (error) {
          throw addErrorContext(error, contextOf(operation), signal, secrets);
        }
      },
    });
  };
}
