import { VecportError } from '@vecport/abstractions';
import type { Storage, StorageOptions } from '@vecport/storage';
import { checkManifest } from './check-manifest.js';
import { exportMetadata } from './export-metadata.js';
import { writeJson } from './files.js';
import { VDF_META_PATH, vdfMeta } from './layouts/vdf-meta.js';
import type { Manifest } from './manifest.js';
import { EXPORT_METADATA_PATH, MANIFEST_PATH, schemaPath } from './paths.js';
import { withVecportErrors } from './storage-errors.js';

/**
 * Make a dataset of committed parts complete: write the description of each collection, the summary
 * `export_metadata.json` and, last of all, `manifest.json`.
 * @throws VecportError `already-exists` when there is a manifest already (nothing is written then),
 * `invalid-argument` when the manifest does not keep to the format.
 */
export async function completeDataset(storage: Storage, manifest: Manifest, options?: StorageOptions): Promise<void> {
  const checked = checkManifest(manifest, 'invalid-argument');
  if ((await withVecportErrors(storage).head(MANIFEST_PATH, options)) !== undefined) {
    throw new VecportError('already-exists', `${storage.url} already holds a complete dataset.`, {
      advice: 'Choose another folder.',
    });
  }
  for (const collection of checked.collections) {
    await writeJson(storage, schemaPath(collection.path), collection.description, options);
  }
  if (checked.layout === 'vdf') await writeJson(storage, VDF_META_PATH, vdfMeta(checked), options);
  await writeJson(storage, EXPORT_METADATA_PATH, exportMetadata(checked, storage), options);
  await writeJson(storage, MANIFEST_PATH, checked, options);
}
