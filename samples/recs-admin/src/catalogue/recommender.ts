import { type IVectorSearchRepository, rowAt, VECTOR_SEARCH_REPOSITORY, VecportError } from '@vecport/abstractions';
import { inject, injectable } from 'inversify';
import { ITEM_STORE } from '../tokens.js';
import type { Item } from './item.js';
import type { ItemStore } from './item-store.js';

/** An item near another one. */
interface Neighbour {
  readonly item: Item;
  /** Higher is nearer, see `SearchMatch.score`. */
  readonly score: number;
}

/** What is near an item. */
export interface SimilarItems {
  readonly item: Item;
  /** Nearest first, without the item itself. */
  readonly similar: readonly Neighbour[];
  /** Nearer vectors that are not shown because their items are gone. */
  readonly gone: number;
}

/** Finds items like another one, by their vectors. */
@injectable()
export class Recommender {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
  ) {}

  /**
   * At most `k` items like the one with this id.
   * @throws VecportError `not-found` when there is no such item, or no vector of it.
   */
  async similar(id: string, k: number, signal?: AbortSignal): Promise<SimilarItems> {
    const item = this.items.get(id);
    if (item === undefined) throw new VecportError('not-found', `There is no item '${id}'.`);
    const batch = await this.repository.get([id], { signal });
    const vector = batch.ids.length === 0 ? undefined : rowAt(batch, 0).embedding;
    if (vector === undefined) throw new VecportError('not-found', `The item '${id}' has no vector.`);
    const matches = await this.repository.search({ vector, topK: k + 1 }, { signal });
    const others = matches.filter((match) => match.id !== id).slice(0, k);
    const similar = others.flatMap(({ id: other, score }) => {
      const found = this.items.get(other);
      return found === undefined ? [] : [{ item: found, score }];
    });
    return { item, similar, gone: others.length - similar.length };
  }
}
