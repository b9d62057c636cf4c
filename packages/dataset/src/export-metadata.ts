import type { Storage } from '@vecport/storage';
import type { Manifest, ManifestCollection } from './manifest.js';

/** What became of one collection; the field names are those of Weaviate's export. */
interface ClassProgress {
  readonly status: 'SUCCESS';
  readonly objectsExported: number;
  readonly fileSizeBytes: number;
}

/** `export_metadata.json`: the summary in the words of Weaviate's export, where a collection is a class. */
export interface ExportMetadata {
  readonly id: string;
  /** Kind of the storage, e.g. `filesystem` or `s3`. */
  readonly backend: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly status: 'SUCCESS';
  readonly classes: readonly string[];
  readonly progress: Readonly<Record<string, ClassProgress>>;
  /** Of the tool that wrote it. */
  readonly version: string;
}

/** Kinds of storages that are called otherwise there. */
const BACKENDS: Readonly<Record<string, string>> = { local: 'filesystem', gs: 'gcs', az: 'azure' };

/** The summary of a complete dataset. */
export function exportMetadata(manifest: Manifest, storage: Pick<Storage, 'kind'>): ExportMetadata {
  const { id, startedAt, completedAt, collections } = manifest;
  return {
    id,
    backend: BACKENDS[storage.kind] ?? storage.kind,
    startedAt,
    completedAt,
    status: 'SUCCESS',
    classes: collections.map(({ name }) => name),
    progress: Object.fromEntries(collections.map((collection) => [collection.name, progressOf(collection)])),
    version: manifest.tool.version,
  };
}

function progressOf({ counts, parts }: ManifestCollection): ClassProgress {
  const fileSizeBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return { status: 'SUCCESS', objectsExported: counts.exported, fileSizeBytes };
}
