import { randomBytes } from 'node:crypto';
import type { WriteFailure } from '@vecport/abstractions';
import {
  collectionFolder,
  collectionFolders,
  folderNames,
  type OpenPart,
  openPart,
  type PartEntry,
  type PartThreads,
} from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import type { RefusedListener } from './repository-sink.js';
import type { SinkPart, TransferSink } from './transfer-sink.js';

/** Which tenant's parts they are, and what becomes of points that cannot be carried. */
export interface DatasetSinkOptions {
  readonly tenant?: string | undefined;
  /** Given all points of a part that cannot be carried, or none, before it is committed; without it they are errors. */
  readonly onRefused?: RefusedListener | undefined;
  /** Others may write the same part at the same time: each attempt gets a name of its own. */
  readonly severalWriters?: boolean | undefined;
  /** Where parts are encoded; in this thread if not said. */
  readonly threads?: PartThreads | undefined;
}

/** Parts of a collection as files of a dataset. A part's receipt is its entry in the manifest. */
export function datasetSink(
  storage: Storage,
  plan: ExportPlan,
  collection: CollectionPlan,
  { tenant, onRefused, severalWriters, threads }: DatasetSinkOptions = {},
): TransferSink<PartEntry> {
  const tenantFolder = tenantFolderIn(collection, tenant);
  return {
    keepsNothing: true,
    open: async (place, { signal }) => {
      const { slice, index } = place;
      const part = await openPart(storage, {
        collection: collection.name,
        folder: folderIn(plan, collection),
        tenant,
        tenantFolder,
        slice,
        index,
        attempt: severalWriters === true ? randomBytes(4).toString('hex') : undefined,
        schema: collection.schema,
        encoding: plan.encoding,
        threads,
        signal,
      });
      if (onRefused !== undefined) return withoutRefused(part, async (failures) => onRefused(place, failures));
      return { ...part, write: async (batch) => part.write(batch) };
    },
  };
}

/** The same part without the points that cannot be carried; all of them are told before it is committed. */
function withoutRefused(
  part: OpenPart,
  tell: (failures: readonly WriteFailure[]) => Promise<void>,
): SinkPart<PartEntry> {
  const all: WriteFailure[] = [];
  return {
    write: async (batch, refused = []) => {
      all.push(...refused);
      await part.write(batch, (id, { code, reason }) => all.push({ id, code, reason }));
    },
    commit: async () => {
      await part.settle();
      await tell(all);
      return part.commit();
    },
    abort: async () => part.abort(),
  };
}

const foldersOfPlans = new WeakMap<CollectionPlan, ReadonlyMap<string, string>>();

/** The folders of a collection's tenants, different on every file system. Computed once for all of them. */
function tenantFolders(collection: CollectionPlan): ReadonlyMap<string, string> {
  const known = foldersOfPlans.get(collection);
  if (known !== undefined) return known;
  const folders = folderNames(collection.units.flatMap(({ tenant }) => tenant ?? []));
  foldersOfPlans.set(collection, folders);
  return folders;
}

/** The folder of a tenant in that of its collection. */
export function tenantFolderIn(collection: CollectionPlan, tenant: string | undefined): string | undefined {
  return tenant === undefined ? undefined : tenantFolders(collection).get(tenant);
}

/** The folder of a collection in the dataset of a plan. */
export function folderIn(plan: ExportPlan, { name }: CollectionPlan): string {
  return collectionFolders(plan.collections.map((collection) => collection.name)).get(name) ?? collectionFolder(name);
}
