import type { CollectionDescription } from '@vecport/abstractions';
import { fieldSpecs } from './filter-fields.js';
import type { IndexLayout } from './layout.js';

/** What an index is, in neutral words; mapping, settings and aliases verbatim in `native`. */
export function describeLayout(layout: IndexLayout): CollectionDescription {
  const { collection, meta, vectors, filterFields, native, notDescribed } = layout;
  const fields = meta?.fields ?? fieldSpecs(filterFields);
  return {
    name: collection,
    vectors: Object.fromEntries(vectors.map(({ name, spec }) => [name, spec])),
    idKinds: meta?.idKinds ?? ['string'],
    ...(fields.length > 0 && { fields }),
    ...(meta?.embeddingModel !== undefined && { embeddingModel: meta.embeddingModel }),
    ...(notDescribed.length > 0 && { notDescribed }),
    ...(native !== undefined && { native }),
  };
}
