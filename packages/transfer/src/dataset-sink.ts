import { collectionFolder, collectionFolders, folderNames, openPart, type PartEntry } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import type { TransferSink } from './transfer-sink.js';

/** Parts of a collection as files of a dataset. A part's receipt is its entry in the manifest. */
export function datasetSink(
  storage: Storage,
  plan: ExportPlan,
  collection: CollectionPlan,
  tenant?: string,
): TransferSink<PartEntry> {
  const tenantFolder = tenantFolderIn(collection, tenant);
  return {
    open: async ({ slice, index }, { signal }) =>
      openPart(storage, {
        collection: collection.name,
        folder: folderIn(plan, collection),
        tenant,
        tenantFolder,
        slice,
        index,
        schema: collection.schema,
        encoding: plan.encoding,
        signal,
      }),
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
