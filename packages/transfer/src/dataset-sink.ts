import { collectionFolder, collectionFolders, openPart, type PartEntry } from '@vecport/dataset';
import type { Storage } from '@vecport/storage';
import type { CollectionPlan, ExportPlan } from './export-plan.js';
import type { TransferSink } from './transfer-sink.js';

/** Parts of a collection as files of a dataset. A part's receipt is its entry in the manifest. */
export function datasetSink(storage: Storage, plan: ExportPlan, collection: CollectionPlan): TransferSink<PartEntry> {
  return {
    open: async ({ slice, index }, { signal }) =>
      openPart(storage, {
        collection: collection.name,
        folder: folderIn(plan, collection),
        slice,
        index,
        schema: collection.schema,
        encoding: plan.encoding,
        signal,
      }),
  };
}

/** The folder of a collection in the dataset of a plan. */
export function folderIn(plan: ExportPlan, { name }: CollectionPlan): string {
  return collectionFolders(plan.collections.map((collection) => collection.name)).get(name) ?? collectionFolder(name);
}
