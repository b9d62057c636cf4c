import type { MilvusClient } from './client.js';
import type { Layout } from './layout.js';

/** An open collection, or one partition of it. */
export interface OpenCollection {
  readonly client: MilvusClient;
  readonly layout: Layout;
  /** The partition meant; without it the whole collection. */
  readonly partition: string | undefined;
  /** Whether the collection has partitions that somebody made. */
  readonly divided: boolean;
  /** Points in a page when nobody asks, and at most. */
  readonly defaultPage: number;
  readonly maxPage: number;
}
