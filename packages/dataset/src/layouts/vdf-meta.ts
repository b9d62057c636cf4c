import type { CollectionDescription, Metric } from '@vecport/abstractions';
import type { Manifest, ManifestCollection, PartEntry } from '../manifest.js';
import { vdfColumn } from './layout-columns.js';

/** The description of a Vector Dataset Format dataset, at its top. */
export const VDF_META_PATH = 'VDF_META.json';

/** Version of the vdf-io tool whose description this is. */
const VDF_VERSION = '0.1.248';

const METRICS: Readonly<Partial<Record<Metric, string>>> = {
  cosine: 'Cosine',
  dot: 'Dot',
  euclidean: 'Euclid',
  manhattan: 'Manhattan',
};

/** What VDF calls a metric, or `undefined` for one it does not know. */
function vdfMetricOf(metric: Metric | undefined): string | undefined {
  return metric && METRICS[metric];
}

/** The metric that VDF calls so, in any case of letters; `undefined` for one we do not know. */
export function metricOfVdf(name: string): Metric | undefined {
  const found = Object.entries(METRICS).find(([, text]) => text.toLowerCase() === name.toLowerCase());
  return found?.[0] as Metric | undefined;
}

/** `VDF_META.json`: each collection is an index, each of its tenants a namespace. */
export function vdfMeta(manifest: Manifest): object {
  const { tool, source, completedAt, collections } = manifest;
  return {
    version: VDF_VERSION,
    file_structure: collections.flatMap(({ parts }) => parts.map(({ path }) => path)),
    author: `${tool.name} ${tool.version}`,
    exported_from: source.provider,
    indexes: Object.fromEntries(collections.map((collection) => [collection.name, namespacesOf(collection)])),
    exported_at: completedAt,
    id_column: 'id',
  };
}

function namespacesOf(collection: ManifestCollection): readonly object[] {
  const { tenants, counts } = collection;
  if (tenants === undefined) return [namespaceOf(collection, '', counts.exported, collection.parts)];
  return tenants.map((tenant) =>
    namespaceOf(
      collection,
      tenant.name,
      tenant.counts.exported,
      collection.parts.filter((part) => part.tenant === tenant.name),
    ),
  );
}

function namespaceOf(
  { name, description }: ManifestCollection,
  namespace: string,
  count: number,
  parts: readonly PartEntry[],
): object {
  const [first] = Object.values(description.vectors);
  return {
    namespace,
    index_name: name,
    total_vector_count: count,
    exported_vector_count: count,
    dimensions: first?.dimension ?? -1,
    model_name: description.embeddingModel ?? '',
    vector_columns: vectorColumns(description),
    data_path: parts[0]?.path.replace(/\/[^/]*$/, '') ?? '',
    metric: vdfMetricOf(first?.metric) ?? null,
  };
}

function vectorColumns({ vectors }: CollectionDescription): readonly string[] {
  return Object.keys(vectors).map(vdfColumn);
}
