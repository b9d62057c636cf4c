import type { CollectionDescription, VectorSpec, VectorTraits } from '@vecport/abstractions';
import type { TargetStore } from './target-store.js';

/** Why a store cannot have such a collection, one sentence each; empty when it can. */
export function whyNotHeld(
  { vectors }: CollectionDescription,
  divided: boolean,
  { traits, multiTenant }: Pick<TargetStore, 'traits' | 'multiTenant'>,
): readonly string[] {
  return [
    ...Object.entries(vectors).flatMap(([vector, spec]) => whyVectorNotHeld(vector, spec, traits)),
    ...(divided && !multiTenant ? ['Its collections are not divided into tenants, as this one is.'] : []),
  ];
}

function whyVectorNotHeld(name: string, spec: VectorSpec, traits: VectorTraits): string[] {
  const { kind, dimension = 0, metric, elementType } = spec;
  if (!traits.vectorKinds.includes(kind)) return [`It has no ${kind} vectors, as '${name}' is one.`];
  if (dimension > traits.maxDimension) {
    return [`The vector '${name}' has ${dimension} dimensions, and ${traits.maxDimension} is the most.`];
  }
  if (metric !== undefined && !traits.metrics.includes(metric)) return [`It does not know the metric ${metric}.`];
  return traits.elementTypes.includes(elementType) ? [] : [`It has no vectors of ${elementType}.`];
}
