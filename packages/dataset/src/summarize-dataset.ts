import type { CollectionDescription, Consistency, IdKind, VectorSpec } from '@vecport/abstractions';
import { sumDigests } from './digest.js';
import type { Manifest, ManifestCollection } from './manifest.js';

/** What the manifest says of one collection, in short. */
export interface CollectionSummary {
  readonly name: string;
  readonly points: number;
  readonly quarantined: number;
  /** Size of its parts. */
  readonly bytes: number;
  readonly parts: number;
  /** Names of its tenants; empty where it has none. */
  readonly tenants: readonly string[];
  readonly vectors: Readonly<Record<string, VectorSpec>>;
  readonly idKinds: readonly IdKind[];
  readonly fields: CollectionDescription['fields'];
  readonly embeddingModel: string | undefined;
  readonly consistency: Consistency;
  readonly snapshot: string | undefined;
  /** Not the whole collection was exported. */
  readonly partial: boolean;
  /** The content digest: equal for equal records. Of an increment, those of its parts. */
  readonly digest: string;
  /** Present in an increment: what it changes, and the points and content digest of the whole. */
  readonly increment?:
    | {
        readonly changed: number;
        readonly added: number;
        readonly deleted: number;
        readonly points: number;
        readonly digest: string;
      }
    | undefined;
}

/** What the manifest says of a dataset, in short: plain data, to be printed. */
export interface DatasetSummary {
  readonly id: string;
  readonly formatVersion: number;
  readonly tool: Manifest['tool'];
  readonly source: Manifest['source'];
  /** What it is an increment to. */
  readonly parent?: Manifest['parent'];
  readonly startedAt: string;
  readonly completedAt: string;
  readonly layout: Manifest['layout'];
  /** What its points are named by, where it is not their id. */
  readonly keyField?: string | undefined;
  readonly encoding: Manifest['encoding'];
  readonly points: number;
  readonly bytes: number;
  readonly parts: number;
  /** Content digest over all collections. */
  readonly digest: string;
  readonly collections: readonly CollectionSummary[];
  readonly losses: readonly string[];
}

/** Sum a manifest up. Reads nothing. */
export function summarizeDataset(manifest: Manifest): DatasetSummary {
  const { id, formatVersion, tool, source, parent, startedAt, completedAt, layout, keyField, encoding, losses } =
    manifest;
  const collections = manifest.collections.map(summarizeCollection);
  const total = (key: 'points' | 'bytes' | 'parts'): number =>
    collections.reduce((sum, collection) => sum + collection[key], 0);
  return {
    id,
    formatVersion,
    tool,
    source,
    parent,
    startedAt,
    completedAt,
    layout,
    keyField,
    encoding,
    points: total('points'),
    bytes: total('bytes'),
    parts: total('parts'),
    digest: sumDigests(manifest.collections.map(({ digest }) => digest)).content,
    collections,
    losses,
  };
}

function summarizeCollection(collection: ManifestCollection): CollectionSummary {
  const {
    name,
    counts,
    parts,
    description,
    consistency,
    snapshot,
    selection,
    digest,
    increment,
    tenants = [],
  } = collection;
  return {
    name,
    points: counts.exported,
    quarantined: counts.quarantined,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts: parts.length,
    tenants: tenants.map((tenant) => tenant.name),
    vectors: description.vectors,
    idKinds: description.idKinds,
    fields: description.fields,
    embeddingModel: description.embeddingModel,
    consistency,
    snapshot,
    partial: Object.values(selection ?? {}).some((part) => part !== undefined),
    digest: digest.content,
    increment: increment && {
      changed: increment.changed,
      added: increment.added,
      deleted: increment.deleted,
      points: increment.whole.count,
      digest: increment.whole.content,
    },
  };
}
