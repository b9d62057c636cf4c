import {
  type AdapterDefinition,
  type CallOptions,
  type Settings,
  type StoreDriver,
  splitPathUrl,
  VecportError,
} from '@vecport/abstractions';
import { GENERATED_TRAITS, generatedCollection } from './generated-collection.js';
import type { GeneratedShape } from './generated-points.js';

const SHAPE = /^(\d{1,12})x(\d{1,5})$/;
const DEFAULT_COLLECTION = 'generated';

/**
 * Stores of computed points, for benchmarks and tests of size: `generated:200000x384#name` has one
 * collection of 200,000 points with 384 floats each (named `generated` if not said). Nothing is
 * stored, so it takes no memory; the same URL always gives the same points. Read-only: export,
 * slices, count and get work, everything else is refused with `not-supported`.
 */
export function generatedAdapter(): AdapterDefinition {
  return {
    name: 'generated',
    version: '0.1.0',
    schemes: ['generated'],
    settings: [
      { name: 'shape', description: 'Points x dimension, e.g. 200000x384.', required: true },
      { name: 'collection', description: 'Name of the only collection.', default: DEFAULT_COLLECTION },
      { name: 'seed', description: 'Another number gives other vectors.', default: '0' },
    ],
    parseUrl: (url) => {
      const { path, fragment = DEFAULT_COLLECTION } = splitPathUrl(url);
      parseShape({ shape: path });
      return { settings: { shape: path, collection: fragment }, collection: fragment };
    },
    open: async (settings, { signal }) => {
      signal?.throwIfAborted();
      return generatedStore(parseShape(settings), settings['collection'] ?? DEFAULT_COLLECTION);
    },
  };
}

function generatedStore(shape: GeneratedShape, name: string): StoreDriver {
  return {
    version: '1',
    traits: GENERATED_TRAITS,
    collections: async ({ signal }) => {
      signal?.throwIfAborted();
      return [{ name }];
    },
    collection: async (wanted: string, { signal }: CallOptions) => {
      signal?.throwIfAborted();
      if (wanted === name) return generatedCollection(shape, name);
      throw new VecportError('not-found', `There is no collection '${wanted}': the only one is '${name}'.`);
    },
    create: refuse,
    drop: refuse,
    close: async () => {},
  };
}

function parseShape(settings: Settings): GeneratedShape {
  const [, points, dimension] = SHAPE.exec(settings['shape'] ?? '') ?? [];
  if (points === undefined || dimension === undefined || Number(dimension) === 0) {
    throw new VecportError(
      'invalid-argument',
      `'${settings['shape'] ?? ''}' is not <points>x<dimension>, e.g. 200000x384.`,
    );
  }
  return { points: Number(points), dimension: Number(dimension), seed: Number(settings['seed'] ?? 0) };
}

async function refuse(): Promise<never> {
  throw new VecportError('not-supported', 'Generated stores are read-only.');
}
