import type { VectorBatch } from '@vecport/abstractions';
import type { Storage } from '@vecport/storage';
import { createIdSet, type IdSet } from './id-set.js';
import type { PartEntry } from './manifest.js';
import { decodePart } from './read-part.js';

const MOST_SUSPECTS = 1000;

/** An id that is there more than once. */
export interface Duplicate {
  readonly id: string;
  /** The parts it is in, a part named as often as it holds it. */
  readonly paths: readonly string[];
}

/** Finds ids that are more than once in a tenant of one collection. */
export interface DuplicateFinder {
  add(part: PartEntry, batch: VectorBatch): void;
  /**
   * At most a thousand duplicates, each confirmed by its text: parts with ids that looked alike are
   * read once more, ids alone. Costs nothing when there were none.
   */
  find(storage: Storage, parts: readonly PartEntry[], signal: AbortSignal | undefined): Promise<readonly Duplicate[]>;
}

/** A {@link DuplicateFinder} that keeps about 16 bytes an id. */
export function createDuplicateFinder(): DuplicateFinder {
  const seen = new Map<string | undefined, IdSet>();
  const suspects = new Map<string | undefined, Set<string>>();
  let room = MOST_SUSPECTS;
  return {
    add({ tenant }, { ids }) {
      const known = ensure(seen, tenant, createIdSet);
      for (const id of ids) {
        if (known.add(id) || room === 0) continue;
        ensure(suspects, tenant, () => new Set<string>()).add(id);
        room--;
      }
    },
    async find(storage, parts, signal) {
      const found: Duplicate[] = [];
      for (const [tenant, ids] of suspects) {
        const places = new Map(Array.from(ids, (id): [string, string[]] => [id, []]));
        for (const part of parts.filter((candidate) => candidate.tenant === tenant)) {
          for await (const batch of decodePart(storage, part, { columns: 'ids', signal })) {
            for (const id of batch.ids) places.get(id)?.push(part.path);
          }
        }
        for (const [id, paths] of places) if (paths.length > 1) found.push({ id, paths });
      }
      return found;
    },
  };
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
