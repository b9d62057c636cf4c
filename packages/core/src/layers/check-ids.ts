import { idKindOf, VecportError, type VectorId, type VectorTraits } from '@vecport/abstractions';

/** What is wrong with an id for a collection with these traits, as the end of a sentence; `undefined` when nothing is. */
export function idProblem(id: unknown, traits: VectorTraits): string | undefined {
  if (typeof id !== 'string') return `is a ${typeof id} and must be text`;
  if (id === '') return 'is empty';
  if (!id.isWellFormed()) return 'is not valid Unicode';
  if (isLongerThan(id, traits.maxIdBytes)) {
    return `has ${Buffer.byteLength(id)} bytes and may have ${traits.maxIdBytes}`;
  }
  if (idKindOf(id, traits.idKinds) === undefined) return `is not ${traits.idKinds.join(' or ')}`;
  return undefined;
}

/** One sentence about an id that does not fit. */
export function describeIdProblem(id: unknown, problem: string): string {
  return `The id ${shown(id)} ${problem}.`;
}

/**
 * The ids, each once, in the order of their first place.
 * @throws VecportError `invalid-argument` for the first that cannot be an id of this collection.
 */
export function checkIds(ids: readonly VectorId[], traits: VectorTraits): readonly VectorId[] {
  for (const id of ids) {
    const problem = idProblem(id, traits);
    if (problem !== undefined) throw new VecportError('invalid-argument', describeIdProblem(id, problem));
  }
  const unique = new Set(ids);
  return unique.size === ids.length ? ids : [...unique];
}

function isLongerThan(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

function shown(id: unknown): string {
  const text = String(id);
  return `'${text.length <= 60 ? text : `${text.slice(0, 60)}…`}'`;
}
