import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, rows } from '@vecport/abstractions';
import { completeDataset, openDataset, validateDataset } from '@vecport/dataset';
import { GOLDEN_DIMENSION, goldenPoints } from '@vecport/testkit';
import { memoryStorage } from './support/memory-storage.js';
import { collectionEntry, DESCRIPTION, manifestOf, writePart } from './support/write-sample.js';

describe('the golden corpus', () => {
  it('comes back from a dataset with every bit of every id, float and metadata text', async () => {
    const vectors = { default: { kind: 'dense', dimension: GOLDEN_DIMENSION, elementType: 'float32' } } as const;
    const storage = memoryStorage();
    const part = await writePart(storage, batchFromRecords(goldenPoints()), {
      schema: { vectors, createdAt: false, updatedAt: false },
    });
    await completeDataset(storage, manifestOf(collectionEntry([part], { description: { ...DESCRIPTION, vectors } })));
    const dataset = await openDataset(storage);
    const found = [];
    for await (const batch of dataset.read(dataset.collection(), { batchRows: 7 })) {
      for (const { id, embedding, metadataText } of rows(batch))
        found.push({ id, bits: bitsOf(embedding), metadataText });
    }
    expect(found).toEqual(
      goldenPoints().map(({ id, embedding, metadataText }) => ({ id, bits: bitsOf(embedding), metadataText })),
    );
    expect((await validateDataset(dataset)).problems).toEqual([]);
  });
});

function bitsOf(floats: Float32Array | undefined): readonly number[] {
  return floats === undefined ? [] : [...new Uint32Array(floats.slice().buffer)];
}
