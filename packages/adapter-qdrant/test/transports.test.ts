import { describe, expect, it } from '@jest/globals';
import {
  batchFromRecords,
  type CollectionDescription,
  type CollectionDriver,
  metadataText,
  type VectorRecord,
} from '@vecport/abstractions';
import { GOLDEN_METADATA } from '@vecport/testkit';
import { batchLines, sortedJson } from './support/batch-text.js';
import { type TestTransport, withFake, withStore } from './support/open-fake.js';

const DESCRIPTION: CollectionDescription = {
  name: 'kinds',
  vectors: {
    title: { kind: 'dense', dimension: 3, elementType: 'float32', metric: 'euclidean' },
    half: { kind: 'dense', dimension: 2, elementType: 'float16', metric: 'dot' },
    bytes: { kind: 'dense', dimension: 2, elementType: 'uint8', metric: 'manhattan' },
    rows: { kind: 'multi', dimension: 2, elementType: 'float32', metric: 'dot' },
    words: { kind: 'sparse', elementType: 'float32', metric: 'dot' },
  },
  idKinds: ['u64', 'i64', 'uuid', 'string'],
};

const POINTS: readonly VectorRecord[] = [
  {
    id: '18446744073709551615',
    vectors: { title: Float32Array.of(0.1, -0, 1e-45), half: Float32Array.of(0.5, -2) },
    metadataText: '{"n":1.0}',
  },
  { id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', vectors: { rows: [Float32Array.of(1, 2), Float32Array.of(3, 4)] } },
  {
    id: '-7',
    vectors: { words: { indices: Uint32Array.of(1, 4_294_967_295), values: Float32Array.of(0.25, -1) } },
    metadataText: '[1,"x"]',
  },
  {
    id: 'text id "with" \\ signs',
    vectors: { bytes: Float32Array.of(0, 255) },
    metadataText: '{"_vecport":"mine","a":{"b":[1e2,null]}}',
  },
  ...GOLDEN_METADATA.map(
    ({ name, text }, n): VectorRecord => ({
      id: `golden ${n} ${name}`,
      ...(text === undefined ? {} : { metadataText: text }),
    }),
  ),
];

async function exported(collection: CollectionDriver): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of collection.exportAll?.({ batchSize: 7 }) ?? []) lines.push(...batchLines(batch));
  return lines;
}

describe('gRPC and REST', () => {
  it.each<readonly [write: TestTransport, read: TestTransport]>([
    ['grpc', 'http'],
    ['http', 'grpc'],
  ])('what is written over %s is read over %s as it was, to the last bit', async (write, read) => {
    await withFake(async (fake) => {
      const written = await withStore(fake, write, async (store) => {
        await store.create(DESCRIPTION, {});
        const collection = await store.collection('kinds', {});
        const report = await collection.upsertMany(batchFromRecords(POINTS), {});
        expect(report).toEqual({ accepted: POINTS.length, failed: [] });
        return exported(collection);
      });
      await withStore(fake, read, async (store) => {
        const collection = await store.collection('kinds', {});
        expect(await exported(collection)).toEqual(written);
        const got = await collection.get(
          POINTS.map(({ id }) => id),
          {},
        );
        expect(batchLines(got)).toEqual(batchLines(batchFromRecords(POINTS)));
        POINTS.forEach(({ metadataText: text }, row) => {
          expect(sortedJson(metadataText(got.metadata, row))).toBe(sortedJson(text));
        });
      });
    });
  });

  it('find the same points with the same scores, by every kind of vector', async () => {
    await withFake(async (fake) => {
      const search = async (collection: CollectionDriver) =>
        Promise.all([
          collection.search({ vector: Float32Array.of(0.1, 0.2, 0.3), vectorName: 'title', topK: 5 }, {}),
          collection.search(
            { vector: [Float32Array.of(1, 0), Float32Array.of(0, 1)], vectorName: 'rows', topK: 5 },
            {},
          ),
          collection.search({ vector: Float32Array.of(1, 2), vectorName: 'rows', topK: 5 }, {}),
          collection.search(
            { vector: { indices: Uint32Array.of(1), values: Float32Array.of(4) }, vectorName: 'words', topK: 5 },
            {},
          ),
          collection.search({ vector: Float32Array.of(0, 250), vectorName: 'bytes', topK: 5 }, {}),
        ]);
      const first = await withStore(fake, 'grpc', async (store) => {
        await store.create(DESCRIPTION, {});
        const collection = await store.collection('kinds', {});
        await collection.upsertMany(batchFromRecords(POINTS), {});
        return search(collection);
      });
      const second = await withStore(fake, 'http', async (store) => search(await store.collection('kinds', {})));
      const rounded = second.map((matches) => matches.map((match) => ({ ...match, score: Math.fround(match.score) })));
      expect(rounded).toEqual(first);
      expect(first.map((matches) => matches.map(({ id, score }) => [id, score]))).toEqual([
        [['18446744073709551615', Math.fround(-Math.hypot(0.2, 0.3))]].map(([id, score]) => [
          id,
          expect.closeTo(score as number, 6),
        ]),
        [['3f2504e0-4f89-41d3-9a0c-0305e82c3301', 3 + 4]],
        [['3f2504e0-4f89-41d3-9a0c-0305e82c3301', 11]],
        [['-7', 1]],
        [['text id "with" \\ signs', -5]],
      ]);
    });
  });
});
