import { join } from 'node:path';
import { SAMPLE_FOLDER } from '../settings.js';

/** The catalogue's items. */
export const ITEM_FILE = join(SAMPLE_FOLDER, 'data', 'items.json');
/** The dataset with the items' vectors. */
export const VECTOR_DATASET = join(SAMPLE_FOLDER, 'data', 'emoji');
