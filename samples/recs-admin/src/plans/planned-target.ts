import type { CollectionDescription } from '@vecport/abstractions';
import type { Loss, TargetMode, TargetStore } from '@vecport/transfer';
import type { PlannedVector } from './transfer-plan.js';

/** What stands in the way of writing a collection, and what is to be known before. */
interface TargetFindings {
  readonly obstacles: readonly string[];
  readonly notes: readonly string[];
}

/** A collection that would be written. */
interface Wanted {
  /** Its name in the store. */
  readonly name: string;
  readonly mode: TargetMode;
  readonly description: CollectionDescription;
  readonly losses: readonly Loss[];
}

/** Look at what a store has under the name of a collection that would be written. */
export async function inspectTarget(
  target: TargetStore,
  { name, mode, description, losses }: Wanted,
  signal: AbortSignal,
): Promise<TargetFindings> {
  const exists = (await target.collections({ signal })).some((one) => one.name === name);
  const held = losses.filter(({ kind, subject }) => kind === 'refused' && /^(vector:|tenants$)/.test(subject));
  const obstacles = held.map(({ reason }) => reason);
  if (!exists) {
    return mode === 'append'
      ? { obstacles: [...obstacles, `There is no collection '${name}' to add to.`], notes: [] }
      : { obstacles, notes: [`The collection '${name}' will be made.`] };
  }
  if (mode === 'create') {
    const taken = `The collection '${name}' exists already. Choose another name, or add to it, or replace it.`;
    return { obstacles: [...obstacles, taken], notes: [] };
  }
  const repository = await target.repository(name, { signal });
  const there = await repository.count(undefined, { signal });
  if (mode === 'replace') {
    return {
      obstacles,
      notes: [`The collection '${name}' is dropped first, with the ${there} points that are in it.`],
    };
  }
  const found = await repository.describe({ signal });
  return {
    obstacles: [...obstacles, ...whyNotInto(description, found)],
    notes: [`The collection '${name}' has ${there} points. Those with the same ids are replaced, the others stay.`],
  };
}

/** What differs between vectors of the same name. */
function whyNotInto(source: CollectionDescription, target: CollectionDescription): readonly string[] {
  return Object.entries(source.vectors).flatMap(([name, { dimension, metric }]) => {
    const other = Object.hasOwn(target.vectors, name) ? target.vectors[name] : undefined;
    if (other === undefined) return [`The collection '${target.name}' has no vector named '${name}'.`];
    return [
      ...differing(`The dimension of the vector '${name}'`, dimension, other.dimension),
      ...differing(`The metric of the vector '${name}'`, metric, other.metric),
    ];
  });
}

function differing(what: string, from: number | string | undefined, to: number | string | undefined): string[] {
  return from === undefined || to === undefined || from === to ? [] : [`${what} is ${to} there, not ${from}.`];
}

/** The vectors of a description, by name. */
export function vectorsOf({ vectors }: Pick<CollectionDescription, 'vectors'>): readonly PlannedVector[] {
  return Object.entries(vectors).map(([name, { kind, dimension, metric }]) => ({ name, kind, dimension, metric }));
}
