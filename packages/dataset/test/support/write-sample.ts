import type { CollectionDescription, VectorBatch } from '@vecport/abstractions';
import {
  collectionFolder,
  completeDataset,
  type Manifest,
  type ManifestCollection,
  openPart,
  type PartEntry,
  type PartTarget,
  sumDigests,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';

export const DESCRIPTION: CollectionDescription = {
  name: 'things',
  vectors: {
    default: {
      kind: 'dense',
      dimension: 3,
      elementType: 'float32',
      metric: 'cosine',
      index: { type: 'hnsw', parameters: { m: 16 } },
    },
    sparse: { kind: 'sparse', elementType: 'float32' },
    tokens: { kind: 'multi', dimension: 2, elementType: 'float16' },
  },
  idKinds: ['u64', 'uuid', 'string'],
  embeddingModel: 'test/model',
  native: { shards: 18446744073709551615n, ratio: 0.5, nothing: null, nested: [{ on: true }] },
};

const ENCODING: Manifest['encoding'] = { format: 'parquet', compression: 'zstd', vectors: 'split' };

/** The target of a part of the sample collection. */
export function partTarget(more: Partial<PartTarget> = {}): PartTarget {
  return {
    collection: DESCRIPTION.name,
    slice: 0,
    index: 0,
    schema: { vectors: DESCRIPTION.vectors, createdAt: false, updatedAt: false },
    encoding: ENCODING,
    ...more,
  };
}

/** Write one part and commit it. */
export async function writePart(
  storage: Storage,
  batch: VectorBatch,
  more: Partial<PartTarget> = {},
): Promise<PartEntry> {
  const part = await openPart(storage, partTarget(more));
  await part.write(batch);
  return part.commit();
}

/** The manifest's entry of a collection that has these parts. */
export function collectionEntry(
  parts: readonly PartEntry[],
  more: Partial<ManifestCollection> = {},
): ManifestCollection {
  const name = more.name ?? DESCRIPTION.name;
  const digest = sumDigests(parts.map((part) => part.digest));
  const divided = parts.some(({ tenant }) => tenant !== undefined);
  return {
    ...(divided ? { tenants: tenantEntries(parts) } : {}),
    name,
    path: collectionFolder(name),
    description: { ...DESCRIPTION, name },
    consistency: 'scan',
    counts: { before: digest.count, after: digest.count, exported: digest.count, quarantined: 0 },
    digest,
    parts,
    ...more,
  };
}

function tenantEntries(parts: readonly PartEntry[]): NonNullable<ManifestCollection['tenants']> {
  return [...Map.groupBy(parts, ({ tenant }) => tenant ?? '')].map(([name, own]) => {
    const digest = sumDigests(own.map((part) => part.digest));
    return { name, consistency: 'scan', counts: { exported: digest.count, quarantined: 0 }, digest };
  });
}

/** A manifest over these collections. */
export function manifestOf(...collections: readonly ManifestCollection[]): Manifest {
  return {
    formatVersion: 1,
    id: 'sample',
    tool: { name: 'vecport', version: '1.2.3' },
    status: 'complete',
    source: { provider: 'test', version: '9' },
    startedAt: '2026-01-28T10:00:00.000Z',
    completedAt: '2026-01-28T10:15:00.000Z',
    layout: 'native',
    encoding: ENCODING,
    collections,
    losses: [],
  };
}

/** A complete dataset of one collection, a part for each batch. */
export async function writeSample(storage: Storage, ...batches: readonly VectorBatch[]): Promise<Manifest> {
  const parts: PartEntry[] = [];
  for (const [index, batch] of batches.entries()) parts.push(await writePart(storage, batch, { index }));
  const manifest = manifestOf(collectionEntry(parts));
  await completeDataset(storage, manifest);
  return manifest;
}
