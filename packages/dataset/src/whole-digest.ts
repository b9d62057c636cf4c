import { sumDigests } from './digest.js';
import type { ContentDigest, Manifest, ManifestCollection, ManifestTenant } from './manifest.js';

/** The digest of all points of a collection or tenant: with what its parent holds, where it is part of an increment. */
export function wholeOf({
  digest,
  increment,
}: Pick<ManifestCollection | ManifestTenant, 'digest' | 'increment'>): ContentDigest {
  return increment?.whole ?? digest;
}

/** The digest of all points a dataset stands for. What an increment names as its parent's. */
export function wholeDigest({ collections }: Pick<Manifest, 'collections'>): ContentDigest {
  return sumDigests(collections.map(wholeOf));
}
