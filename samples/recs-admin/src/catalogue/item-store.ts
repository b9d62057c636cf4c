import type { Item } from './item.js';

/** How far this application seeded something. */
export type SeedState = 'started' | 'complete';

/**
 * The application's own database of items. It knows nothing of vectors, and the vector store nothing
 * of it: an item can be gone while its vector is still there.
 */
export interface ItemStore {
  /** `undefined` when there is no such item, or no more. */
  get(id: string): Item | undefined;
  /** Items, of one group if that is said, whose label, tags or emoji match every word of the query, best first. */
  search(query: string, limit: number, group?: string): readonly Item[];
  /** The first item of every group, in order; of so many groups at most. */
  samples(limit: number): readonly Item[];
  /** Names of the groups, in order. */
  groups(): readonly string[];
  /** Every item, in order. */
  all(): readonly Item[];
  count(): number;
  /** Whether there was such an item. */
  delete(id: string): boolean;
  /** Fill the catalogue, all or nothing, unless it was filled before: deleted items stay deleted. Gives the number added. */
  seed(items: readonly Item[]): number;
  /** What was noted for a subject: {@link ITEMS} or a collection of vectors. `undefined` when its seeding never began. */
  seedState(subject: string): SeedState | undefined;
  /** Note how far the seeding of a subject is; survives a crash. */
  markSeed(subject: string, state: SeedState): void;
  /** A second call does nothing. */
  close(): void;
}

/** The subject under which the seeding of the items themselves is noted. */
export const ITEMS = 'items';
