import { type CollectionDescription, VecportError, type VectorTraits } from '@vecport/abstractions';
import type { ManifestCollection } from '@vecport/dataset';
import { whyNotInto } from './compare-descriptions.js';
import type { ImportRequest } from './import-dataset.js';

/**
 * Check every target, then drop and make what the mode asks for, so that each is there before the
 * first point is written. When one cannot be made, those that this call made are taken away again.
 */
export async function prepareTargets(request: ImportRequest, chosen: readonly ManifestCollection[]): Promise<void> {
  const { target, mode, signal } = request;
  const existing = new Set((await target.collections({ signal })).map(({ name }) => name));
  for (const collection of chosen) await checkTarget(request, collection, existing);
  if (mode === 'append') return;
  const made: string[] = [];
  try {
    for (const collection of chosen) {
      const name = request.as ?? collection.name;
      if (existing.has(name)) {
        await target.drop(name, { signal });
        request.onTarget?.({ change: 'dropped', collection: name });
      }
      await target.create(descriptionFor(request, collection), { signal });
      made.push(name);
    }
  } catch (error) {
    // They are empty. What failed first is the error to report.
    for (const name of made) await target.drop(name).catch(() => undefined);
    throw error;
  }
  for (const name of made) request.onTarget?.({ change: 'created', collection: name });
}

async function checkTarget(
  request: ImportRequest,
  collection: ManifestCollection,
  existing: ReadonlySet<string>,
): Promise<void> {
  const { target, mode, signal } = request;
  const name = request.as ?? collection.name;
  const place = { provider: target.provider, collection: name, operation: 'import' };
  if (mode === 'create' && existing.has(name)) {
    throw new VecportError('already-exists', `The collection '${name}' exists already; nothing was changed.`, {
      ...place,
      advice: 'Choose another name, or add to it with --mode append, or replace it with --mode replace --force.',
    });
  }
  if (mode !== 'append') return checkHeld(request, collection, name);
  if (!existing.has(name)) {
    throw new VecportError('not-found', `There is no collection '${name}' to append to.`, {
      ...place,
      advice: 'Omit --mode append to create it.',
    });
  }
  const problems = whyNotInto(
    collection.description,
    await (await target.repository(name, { signal })).describe({ signal }),
  );
  if (problems.length === 0) return;
  throw new VecportError(
    'dimension-mismatch',
    `The dataset does not fit the collection '${name}'; nothing was written. ${problems.join(' ')}`,
    place,
  );
}

/** What a collection is made from: the provider's own settings mean nothing to another one. */
function descriptionFor(
  { dataset, target, as }: ImportRequest,
  { name, description, tenants }: ManifestCollection,
): CollectionDescription {
  const same = dataset.manifest.source.provider === target.provider;
  return {
    ...description,
    name: as ?? name,
    native: same ? description.native : undefined,
    multiTenant: tenants !== undefined || description.multiTenant,
    notDescribed: undefined,
  };
}

/** What the store says about new collections holds for the one that is to be made, before one is dropped for it. */
function checkHeld({ target }: ImportRequest, collection: ManifestCollection, name: string): void {
  const { description, tenants } = collection;
  const divided = tenants !== undefined || description.multiTenant === true;
  const problems = [
    ...Object.entries(description.vectors).flatMap(([vector, spec]) => whyNotHeld(vector, spec, target.traits)),
    ...(divided && !target.multiTenant ? ['Its collections are not divided into tenants, as this one is.'] : []),
  ];
  if (problems.length === 0) return;
  throw new VecportError(
    'not-supported',
    `The store cannot hold the dataset; nothing was changed. ${problems.join(' ')}`,
    { provider: target.provider, collection: name, operation: 'import' },
  );
}

function whyNotHeld(name: string, spec: CollectionDescription['vectors'][string], traits: VectorTraits): string[] {
  const { kind, dimension = 0, metric, elementType } = spec;
  if (!traits.vectorKinds.includes(kind)) return [`It has no ${kind} vectors, as '${name}' is one.`];
  if (dimension > traits.maxDimension) {
    return [`The vector '${name}' has ${dimension} dimensions, and ${traits.maxDimension} is the most.`];
  }
  if (metric !== undefined && !traits.metrics.includes(metric)) return [`It does not know the metric ${metric}.`];
  return traits.elementTypes.includes(elementType) ? [] : [`It has no vectors of ${elementType}.`];
}
