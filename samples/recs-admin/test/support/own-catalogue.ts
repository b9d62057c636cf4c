import { join } from 'node:path';
import type { CollectionDescription } from '@vecport/abstractions';
import { lancedb } from '@vecport/adapter-lancedb';
import { createHost } from '@vecport/core';
import type { Item } from '../../src/catalogue/item.js';
import { openItemStore } from '../../src/catalogue/sqlite-item-store.js';

const DIMENSION = 8;
const WRITTEN = 1000;

/** An item with a name of its own; its vector points to one of eight directions, by its number. */
export function itemOf(id: string, number: number, more: Partial<Item> = {}): Item {
  return { id, emoji: '🧪', label: `item ${id}`, tags: [], group: 'own', order: number, ...more };
}

/** Fill a data folder as if the application had been used with other items than its own: LanceDB in `vectors`. */
export async function ownCatalogue(dataFolder: string, items: readonly Item[]): Promise<void> {
  const store = openItemStore(join(dataFolder, 'items.sqlite'));
  store.seed(items);
  store.close();
  const host = await createHost({
    discover: false,
    env: {},
    envFile: false,
    modules: [lancedb({ path: join(dataFolder, 'vectors') })],
  });
  try {
    const vectors = await host.catalog.open();
    await vectors.create(DESCRIPTION);
    const repository = await vectors.repository(DESCRIPTION.name);
    for (let start = 0; start < items.length; start += WRITTEN) {
      await repository.upsertMany(
        items.slice(start, start + WRITTEN).map(({ id, group, order }) => ({
          id,
          embedding: Float32Array.from({ length: DIMENSION }, (_, at) => (at === order % DIMENSION ? 1 : order / 1e6)),
          metadata: { group },
        })),
      );
    }
  } finally {
    await host.close();
  }
}

const DESCRIPTION: CollectionDescription = {
  name: 'emoji',
  vectors: { default: { kind: 'dense', dimension: DIMENSION, elementType: 'float32', metric: 'cosine' } },
  idKinds: ['string'],
  embeddingModel: 'own-model',
};
