import { type IVectorSearchRepository, rows, VECTOR_SEARCH_REPOSITORY, VecportError } from '@vecport/abstractions';
import { inject, injectable } from 'inversify';
import { embeddingText, type Item } from '../catalogue/item.js';
import type { ItemStore } from '../catalogue/item-store.js';
import type { OpenEmbedder } from '../embedding/open-embedder.js';
import type { JobContext, JobResult } from '../jobs/job-runner.js';
import { ITEM_STORE, OPEN_EMBEDDER } from '../tokens.js';

/** Items embedded and written at a time, and between two lines of the log. */
const BATCH_SIZE = 100;

/** Writes the catalogue to the vector store, paying for no embedding that is in the cache. */
@injectable()
export class CatalogueSeeder {
  constructor(
    @inject(VECTOR_SEARCH_REPOSITORY) private readonly repository: IVectorSearchRepository,
    @inject(ITEM_STORE) private readonly items: ItemStore,
    @inject(OPEN_EMBEDDER) private readonly openEmbedder: OpenEmbedder,
  ) {}

  /** Embed and write every item, in the catalogue's order. Items written before an abort stay; running it again is harmless. */
  async run({ signal, progress, log }: JobContext): Promise<JobResult> {
    const embedder = await this.openEmbedder(signal);
    const all = this.items.all();
    const counts = { items: 0, fromCache: 0, embedded: 0 };
    for (let start = 0; start < all.length; start += BATCH_SIZE) {
      const batch = all.slice(start, start + BATCH_SIZE);
      const { vectors, hits, misses } = await embedder.embed(batch.map(embeddingText), signal);
      await this.write(batch, vectors, signal);
      counts.items += batch.length;
      counts.fromCache += hits;
      counts.embedded += misses;
      progress({ phase: 'seed', done: counts.items, total: all.length });
      log(`${counts.items} of ${all.length} items: ${counts.fromCache} from the cache, ${counts.embedded} embedded`);
    }
    const { items, fromCache, embedded } = counts;
    return {
      message: `Seeded ${items} items: ${fromCache} embeddings were in the cache, ${embedded} were made by the embedding service.`,
      result: counts,
    };
  }

  private async write(items: readonly Item[], vectors: readonly Float32Array[], signal: AbortSignal): Promise<void> {
    const stored = await this.repository.get(
      items.map(({ id }) => id),
      { signal },
    );
    const metadataOf = new Map(Array.from(rows(stored), ({ id, metadata }) => [id, metadata] as const));
    const records = items.map((item, at) => {
      const { id, emoji, label, tags, group, order } = item;
      const metadata = metadataOf.get(id) ?? { emoji, label, tags, group, order };
      return { id, embedding: vectors[at] as Float32Array, metadata };
    });
    const { failed } = await this.repository.upsertMany(records, { signal });
    const [first] = failed;
    if (first === undefined) return;
    throw new VecportError('incomplete', `The store refused ${failed.length} items, e.g. ${first.id}: ${first.reason}`);
  }
}
