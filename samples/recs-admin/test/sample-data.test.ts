import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type JsonValue, rows } from '@vecport/abstractions';
import { openDataset, validateDataset } from '@vecport/dataset';
import { localStorage } from '@vecport/storage';
import { datasetSlices, datasetSource } from '@vecport/transfer';
import { embeddingText } from '../src/catalogue/item.js';
import { readItemFile } from '../src/catalogue/item-file.js';
import { ITEM_FILE, VECTOR_DATASET } from '../src/sample-data/sample-data.js';

describe('The sample data', () => {
  it('has 1,923 items whose rebuilt texts are those that were embedded', async () => {
    const items = await readItemFile(ITEM_FILE);
    expect(items.length).toBe(1923);
    const wrong = items.filter((item) => sha256(embeddingText(item)) !== item.textSha256);
    expect(wrong).toEqual([]);
  });

  it('is a whole dataset that says which model made its vectors', async () => {
    const dataset = await openDataset(localStorage(VECTOR_DATASET));
    expect((await validateDataset(dataset)).problems).toEqual([]);
    expect(dataset.manifest.collections).toMatchObject([
      {
        name: 'emoji',
        counts: { exported: 1923, quarantined: 0 },
        description: {
          embeddingModel: 'all-MiniLM-L6-v2',
          vectors: { default: { kind: 'dense', dimension: 384, elementType: 'float32', metric: 'cosine' } },
        },
      },
    ]);
  });

  it('has one unit vector for every item, with the metadata of the item', async () => {
    const items = new Map((await readItemFile(ITEM_FILE)).map((item) => [item.id, item]));
    const dataset = await openDataset(localStorage(VECTOR_DATASET));
    const [collection] = dataset.manifest.collections;
    if (collection === undefined) throw new Error('There is no collection.');
    const source = datasetSource(dataset, collection);
    let points = 0;
    for (const slice of datasetSlices(collection)) {
      for await (const batch of source.read({ slice })) {
        for (const { id, embedding, metadata } of rows(batch)) {
          const item = items.get(id);
          points += 1;
          expect(metadata).toMatchObject(metadataOf(item));
          expect(Math.hypot(...(embedding ?? []))).toBeCloseTo(1, 5);
        }
      }
    }
    expect(points).toBe(items.size);
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function metadataOf(item: object | undefined): Record<string, JsonValue> {
  const { id: _id, textSha256: _textSha256, ...rest } = (item ?? {}) as Record<string, JsonValue>;
  return rest;
}
