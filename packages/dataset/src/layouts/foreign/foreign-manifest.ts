import { type Metric, VecportError, type VectorSpec } from '@vecport/abstractions';
import { sumDigests } from '../../digest.js';
import { FORMAT_VERSION, type Manifest, type ManifestCollection, type PartEntry } from '../../manifest.js';
import type { OtherLayout } from '../layout.js';
import type { OpenForeignFile } from './foreign-file.js';
import type { CollectionScan } from './foreign-scan.js';
import type { WeaviateSummary } from './weaviate-summary.js';

/** The tenants of a collection's files; the default namespace alone is none. */
export function tenantsOf(
  name: string,
  files: readonly OpenForeignFile[],
  layout: OtherLayout,
): readonly string[] | undefined {
  const tenants = [...new Set(files.map(({ tenant }) => tenant))];
  if (tenants.every((tenant) => tenant === undefined)) return undefined;
  if (layout === 'pinecone' && tenants.length === 1 && tenants[0] === '__default__') return undefined;
  const known = tenants.filter((tenant) => tenant !== undefined);
  if (known.length === tenants.length) return known;
  throw new VecportError('corrupt-data', `Some files of '${name}' name a tenant and others do not.`);
}

/** A collection whose files were read. */
export interface FoundCollection {
  readonly name: string;
  readonly path: string;
  readonly tenants: readonly string[] | undefined;
  readonly parts: readonly PartEntry[];
}

/** What the manifest says of a collection that was found. */
export function collectionEntry(
  { name, path, tenants, parts }: FoundCollection,
  files: readonly OpenForeignFile[],
  scan: CollectionScan,
  metric: Metric | undefined,
): ManifestCollection {
  const described = files.find(({ place }) => place.described !== undefined)?.place.described;
  const vectors = Object.entries(scan.vectors()).map(([vector, { kind, dimension }]): [string, VectorSpec] => {
    const known = described?.metric ?? metric ?? (kind === 'sparse' ? 'dot' : undefined);
    return [vector, { kind, dimension, elementType: 'float32', metric: known }];
  });
  const read = (own: readonly PartEntry[]) => ({
    consistency: 'scan' as const,
    counts: { exported: own.reduce((sum, { rows }) => sum + rows, 0), quarantined: 0 },
    digest: sumDigests(own.map(({ digest }) => digest)),
  });
  return {
    name,
    path,
    description: {
      name,
      vectors: Object.fromEntries(vectors),
      idKinds: scan.idKinds(),
      ...(described?.model !== undefined && { embeddingModel: described.model }),
      ...(tenants !== undefined && { multiTenant: true }),
    },
    ...read(parts),
    ...(tenants !== undefined && {
      tenants: tenants.map((tenant) => ({ name: tenant, ...read(parts.filter((part) => part.tenant === tenant)) })),
    }),
    parts,
  };
}

/** What was found in a folder. */
export interface FoundDataset {
  readonly layout: OtherLayout;
  readonly provider: string;
  readonly files: readonly OpenForeignFile[];
  readonly collections: readonly ManifestCollection[];
  readonly summary: WeaviateSummary | undefined;
}

/** The manifest that files without one of ours would have. */
export function foreignManifest({ layout, provider, files, collections, summary }: FoundDataset): Manifest {
  const digest = sumDigests(collections.map((collection) => collection.digest));
  const newest = new Date(Math.max(0, ...files.map(({ place }) => Math.floor(place.modifiedAt)))).toISOString();
  return {
    formatVersion: FORMAT_VERSION,
    id: summary?.id || digest.content.slice(0, 16),
    tool: { name: 'foreign', version: summary?.version ?? '' },
    status: 'complete',
    source: { provider, version: summary?.version },
    startedAt: summary?.startedAt ?? newest,
    completedAt: summary?.completedAt ?? newest,
    layout,
    encoding: { format: 'parquet', compression: 'none', vectors: 'plain' },
    collections,
    losses: files.flatMap(({ place: { path }, unread }) =>
      unread.length === 0
        ? []
        : `${path}: the columns ${unread.join(', ')} are not part of the layout and were not read.`,
    ),
  };
}
