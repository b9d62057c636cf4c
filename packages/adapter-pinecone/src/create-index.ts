import type { CreateIndexOptions } from '@pinecone-database/pinecone';
import {
  type CollectionDescription,
  DEFAULT_VECTOR,
  type JsonObject,
  type JsonValue,
  type VectorSpec,
} from '@vecport/abstractions';
import type { PineconeSettings } from './config.js';
import { invalidArgument, notSupported } from './errors.js';
import { metricName, TAGS } from './index-info.js';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/;
const MAX_DIMENSION = 20_000;

interface PlannedVectors {
  readonly dense?: { readonly name: string; readonly dimension: number; readonly metric: string } | undefined;
  readonly sparse?: string | undefined;
}

/**
 * The request that makes an index for a collection: serverless, where the description's `native` or else the settings
 * say.
 * @throws VecportError `invalid-argument` for a name Pinecone does not take, `not-supported` naming what it cannot hold.
 */
export function planIndex(description: CollectionDescription, { cloud, region }: PineconeSettings): CreateIndexOptions {
  const { name, native } = description;
  if (!NAME.test(name)) {
    throw invalidArgument(
      `'${name}' cannot be the name of an index of Pinecone.`,
      'Names have 1 to 45 lower case letters, digits and hyphens, and begin and end with a letter or digit.',
    );
  }
  const vectors = planVectors(description);
  const given = objectOf(native);
  const deployment = objectOf(given['deployment']);
  const managed = deployment['deploymentType'] === 'managed';
  const tags = { ...textsOf(given['tags']), ...tagsFor(description, vectors) };
  return {
    name,
    schema: {
      fields: vectors.dense
        ? {
            _values: {
              type: 'dense_vector',
              dimension: vectors.dense.dimension,
              metric: vectors.dense.metric as 'cosine',
            },
          }
        : { _sparse_values: { type: 'sparse_vector' } },
    },
    deployment: {
      deploymentType: 'managed',
      cloud: (managed ? textOf(deployment['cloud']) : undefined) ?? cloud,
      region: (managed ? textOf(deployment['region']) : undefined) ?? region,
    },
    tags,
    ...(given['deletionProtection'] === 'enabled' && { deletionProtection: 'enabled' }),
    ...(objectOf(given['readCapacity'])['mode'] === 'Dedicated' && {
      readCapacity: given['readCapacity'] as unknown as NonNullable<CreateIndexOptions['readCapacity']>,
    }),
  } as CreateIndexOptions;
}

function planVectors({ vectors }: CollectionDescription): PlannedVectors {
  const specs = Object.entries(vectors);
  for (const [name, spec] of specs) checkSpec(name, spec);
  const dense = specs.filter(([, { kind }]) => kind === 'dense');
  const sparse = specs.filter(([, { kind }]) => kind === 'sparse');
  if (dense.length > 1 || sparse.length > 1) {
    throw notSupported(
      `An index of Pinecone has one dense and one sparse vector; there are ${specs.map(([name]) => `'${name}'`).join(', ')}.`,
    );
  }
  const [denseName, spec] = dense[0] ?? [];
  const [sparseName] = sparse[0] ?? [];
  if (denseName === undefined || spec === undefined) return { sparse: sparseName };
  if (sparseName !== undefined && spec.metric !== 'dot') {
    throw notSupported(`Beside the sparse vector '${sparseName}' Pinecone takes a dense one with the metric dot only.`);
  }
  return {
    dense: { name: denseName, dimension: spec.dimension ?? 0, metric: metricName(spec.metric) },
    sparse: sparseName,
  };
}

function checkSpec(name: string, { kind, elementType, metric, dimension = 0 }: VectorSpec): void {
  if (kind === 'multi') throw notSupported(`Pinecone has no multi-vectors; '${name}' is one.`);
  if (elementType !== 'float32') throw notSupported(`Pinecone stores float32; '${name}' has ${elementType}.`);
  if (kind === 'sparse') {
    if (metric !== undefined && metric !== 'dot')
      throw notSupported(`Pinecone compares sparse vectors by dot; '${name}' by ${metric}.`);
    return;
  }
  metricName(metric);
  if (dimension > MAX_DIMENSION)
    throw notSupported(`Pinecone takes ${MAX_DIMENSION} dimensions; '${name}' has ${dimension}.`);
}

function tagsFor(
  { idKinds, embeddingModel }: CollectionDescription,
  { dense, sparse }: PlannedVectors,
): Record<string, string> {
  const tags: Record<string, string> = { [TAGS.version]: '1' };
  const put = (tag: string, what: string, value: string | undefined, usual?: string): void => {
    if (value === undefined || value === usual) return;
    if (!/^[\x20-\x7e]{1,120}$/.test(value)) {
      throw notSupported(`Pinecone has no place for the ${what} '${value}': a tag has at most 120 ASCII characters.`);
    }
    tags[tag] = value;
  };
  put(TAGS.dense, 'vector name', dense?.name, DEFAULT_VECTOR);
  put(TAGS.sparse, 'vector name', sparse, dense === undefined ? DEFAULT_VECTOR : undefined);
  put(TAGS.idKinds, 'id kinds', idKinds.join(' '), 'string');
  put(TAGS.embeddingModel, 'embedding model', embeddingModel);
  return tags;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

// Tags of ours are made anew; those of an index that is copied may say other things.
function textsOf(value: JsonValue | undefined): Record<string, string> {
  const entries = Object.entries(objectOf(value)).filter(
    ([key, text]) => typeof text === 'string' && !key.startsWith(TAGS.version),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
