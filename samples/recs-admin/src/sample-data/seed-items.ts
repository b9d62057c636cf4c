import { readItemFile } from '../catalogue/item-file.js';
import { ITEMS, type ItemStore } from '../catalogue/item-store.js';
import { ITEM_FILE } from './sample-data.js';

/** Fill the item store from the sample data, once in its life. Gives the number of items added. */
export async function seedItems(items: ItemStore): Promise<number> {
  return items.seedState(ITEMS) === 'complete' ? 0 : items.seed(await readItemFile(ITEM_FILE));
}
