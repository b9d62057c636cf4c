import { type CallOptions, isVecportError, type StoreDriver, VecportError } from '@vecport/abstractions';
import { type Elastic, pathOf } from './client.js';
import { indexBody } from './create-index.js';
import { invalidArgument, notSupported } from './errors.js';
import { findIndex } from './find-index.js';
import { indexNameOf, isPossibleName } from './index-name.js';
import { listCollections } from './list-collections.js';
import { PROVIDER } from './provider.js';
import { createCollection, traitsOf } from './repository.js';

/** A server as a store: every index with a vector field is a collection. */
export function createStore(elastic: Elastic): StoreDriver {
  return {
    version: elastic.server.version,
    traits: traitsOf(elastic, undefined),
    collections: async ({ signal }) => listCollections(elastic, signal),
    collection: async (name, { signal, tenant }) => {
      if (tenant !== undefined) throw invalidArgument('Indices of Elasticsearch are not divided into tenants.');
      if (!isPossibleName(name)) throw notFound(name);
      return createCollection(elastic, await findIndex(elastic, name, signal));
    },
    create: async (description, { signal }) => {
      const name = indexNameOf(description.name);
      const body = indexBody(description, name, elastic.server);
      if (await isThere(elastic, description.name, signal)) throw alreadyExists(description.name);
      await elastic.send({ method: 'PUT', path: pathOf(name.index), body: JSON.stringify(body), signal });
    },
    drop: async (name, { signal }) => {
      if (!isPossibleName(name)) throw notFound(name);
      const { index, meta } = await findIndex(elastic, name, signal);
      if (index !== name && meta?.name !== name) {
        throw notSupported(
          `'${name}' is an alias that Vecport did not make, and is not dropped.`,
          `Drop the index '${index}' itself, or remove the alias.`,
        );
      }
      await elastic.send({ method: 'DELETE', path: pathOf(index), signal });
    },
    close: async () => elastic.close(),
  };
}

async function isThere(elastic: Elastic, name: string, signal: CallOptions['signal']): Promise<boolean> {
  try {
    await elastic.read({ method: 'GET', path: `${pathOf(name)}/_alias`, signal });
    return true;
  } catch (error) {
    if (!isVecportError(error)) throw error;
    // Without the right to look, the server's own answer to the request that makes it must do.
    if (error.code === 'not-found' || error.code === 'forbidden') return false;
    throw error;
  }
}

function notFound(name: string): VecportError {
  return new VecportError('not-found', `There is no index '${name}', and there cannot be one of this name.`, {
    provider: PROVIDER,
  });
}

function alreadyExists(name: string): VecportError {
  return new VecportError('already-exists', `There is an index or alias '${name}' already.`, { provider: PROVIDER });
}
