import {
  eq,
  type Filter,
  type IVectorSearchRepository,
  rowAt,
  type SearchMatch,
  VECTOR_SEARCH_REPOSITORY,
  VecportError,
} from '@vecport/abstractions';
import { inject, injectable } from 'inversify';
import type { OpenEmbedder } from '../embedding/open-embedder.js';
import { ITEM_STORE, OPEN_EMBEDDER } from '../tokens.js';
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

/** What is looked for. */
export interface TextQuery {
  readonly text: string;
  /** Items of this group only. */
  readonly group?: string | undefined;
  readonly k: number;
}

/** What is near a text. */
export interface FoundItems {
  /** Nearest first. */
  readonly found: readonly Neighbour[];
  /** Nearer vectors that are not shown because their items are gone. */
  readonly gone: number;
}

/** Finds items like another one, by their vectors. */
@injectable()
export class Recommender {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(OPEN_EMBEDDER) private readonly openEmbedder: OpenEmbedder,
  ) {}

  /**
   * At most `k` items like the one with this id.
   * @throws VecportError `not-found` when there is no such item, or no vector of it.
   */
  async similar(id: string, k: number, signal?: AbortSignal, group?: string): Promise<SimilarItems> {
    const item = this.items.get(id);
    if (item === undefined) throw new VecportError('not-found', `There is no item '${id}'.`);
    const batch = await this.repository.get([id], { signal });
    const vector = batch.ids.length === 0 ? undefined : rowAt(batch, 0).embedding;
    if (vector === undefined) {
      throw new VecportError('not-found', `The item '${id}' has no vector.`, {
        advice: 'Seed the vector store to give every item one.',
      });
    }
    const matches = await this.repository.search({ vector, topK: k + 1, filter: inGroup(group) }, { signal });
    const others = matches.filter((match) => match.id !== id).slice(0, k);
    const similar = this.itemsOf(others);
    return { item, similar, gone: others.length - similar.length };
  }

  /**
   * At most `k` items whose vectors are near that of a text, of one group if that is said.
   * @throws VecportError `not-supported` when no embedding service is configured and the text is not in the cache.
   */
  async byText({ text, group, k }: TextQuery, signal?: AbortSignal): Promise<FoundItems> {
    const embedder = await this.openEmbedder(signal);
    const vector = await embedder.embedQuery(text, signal);
    const matches = await this.repository.search({ vector, topK: k, filter: inGroup(group) }, { signal });
    const found = this.itemsOf(matches);
    return { found, gone: matches.length - found.length };
  }

  private itemsOf(matches: readonly SearchMatch[]): readonly Neighbour[] {
    return matches.flatMap(({ id, score }) => {
      const item = this.items.get(id);
      return item === undefined ? [] : [{ item, score }];
    });
  }
}

function inGroup(group: string | undefined): Filter | undefined {
  return group === undefined ? undefined : eq('group', group);
}
