import { describe, expect, it } from '@jest/globals';
import { metadataText } from '@vecport/abstractions';
import type { FakeQdrant } from '@vecport/testkit';
import { filledCollection, smallDescription, withFake, withStore } from './support/open-fake.js';

/** The bodies of the scrolls over REST, in order. */
function scrolls(fake: FakeQdrant): readonly Record<string, unknown>[] {
  const bodies = fake.requests().filter(({ path }) => path.endsWith('/scroll'));
  return bodies.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>);
}

describe('pages of an export', () => {
  it.each([
    [384, undefined, 1000],
    [1536, undefined, 438],
    [4096, 10_000, 180],
    [384, 7, 7],
  ])('with %i dimensions and a batch size of %s ask for %i points', async (dimension, batchSize, limit) => {
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        const { vectors, ...rest } = smallDescription('wide');
        await store.create(
          {
            ...rest,
            vectors: { default: { ...vectors['default'], kind: 'dense', elementType: 'float32', dimension } },
          },
          {},
        );
        const collection = await store.collection('wide', {});
        for await (const batch of collection.exportAll?.({ batchSize }) ?? []) expect(batch).toBeUndefined();
        expect(scrolls(fake)[0]).toMatchObject({ limit, offset: 0 });
      }),
    );
  });

  it('become smaller when points turn out to be large', async () => {
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        const collection = await filledCollection(store, []);
        const text = JSON.stringify({ text: 'x'.repeat(100_000) });
        const offsets = Uint32Array.from({ length: 51 }, (_, n) => n * text.length);
        const metadata = { bytes: Buffer.from(text.repeat(50)), offsets };
        for (const start of [0, 50, 100]) {
          const ids = Array.from({ length: 50 }, (_, n) => String(start + n));
          await collection.upsertMany({ ids, vectors: {}, metadata }, {});
        }
        const found: string[] = [];
        for await (const batch of collection.exportAll?.({ batchSize: 50 }) ?? []) found.push(...batch.ids);
        expect(found).toEqual(Array.from({ length: 150 }, (_, n) => String(n)));
        // The second page is asked for before the first one is looked at.
        expect(scrolls(fake).map(({ limit }) => limit)).toEqual([50, 50, 31, 31, 31]);
      }),
    );
  });

  it('leave out the fields nobody wants already at the server', async () => {
    await withFake(async (fake) =>
      withStore(fake, 'http', async (store) => {
        const collection = await filledCollection(store, []);
        const texts = ['{"a":1,"b c":2,"d":3}', '{"a":1.0,"d":4}'];
        const offsets = Uint32Array.of(0, texts[0]?.length ?? 0, texts.join('').length);
        await collection.upsertMany(
          { ids: ['1', '2'], vectors: {}, metadata: { bytes: Buffer.from(texts.join('')), offsets } },
          {},
        );
        const read = async (fields: readonly string[]): Promise<readonly (string | undefined)[]> => {
          const found: (string | undefined)[] = [];
          for await (const { metadata } of collection.exportAll?.({ fields }) ?? [])
            found.push(...[0, 1].map((row) => metadataText(metadata, row)));
          return found;
        };
        expect(await read(['a', 'b c'])).toEqual(['{"a":1,"b c":2}', '{"a":1.0}']);
        expect(scrolls(fake).at(-1)?.['with_payload']).toEqual(['_vecport', 'a', '"b c"']);
        // A key that Qdrant's paths cannot spell: everything is asked for and left out here.
        expect(await read(['a', 'say "x"'])).toEqual(['{"a":1}', '{"a":1.0}']);
        expect(scrolls(fake).at(-1)?.['with_payload']).toBe(true);
      }),
    );
  });
});

describe('the memory of a batch', () => {
  const ids = Array.from({ length: 12 }, (_, n) => n);

  it.each(['grpc', 'http'] as const)('is used again over %s where it was released', async (transport) => {
    await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, ids);
        const buffers = new Set<ArrayBufferLike | undefined>();
        const found: string[] = [];
        for await (const { ids: page, vectors, release } of collection.exportAll?.({ batchSize: 2 }) ?? []) {
          buffers.add(vectors['default']?.values.buffer);
          found.push(...page);
          expect(Array.from(vectors['default']?.values ?? [])).toEqual(page.flatMap((id) => [Number(id), 1]));
          release?.();
        }
        expect(found).toEqual(ids.map(String));
        expect(buffers.size).toBeLessThanOrEqual(2);
      }),
    );
  });

  it.each(['grpc', 'http'] as const)('stays as it is over %s where it was not', async (transport) => {
    await withFake(async (fake) =>
      withStore(fake, transport, async (store) => {
        const collection = await filledCollection(store, ids);
        const batches = [];
        for await (const batch of collection.exportAll?.({ batchSize: 2 }) ?? []) batches.push(batch);
        expect(batches.flatMap(({ vectors }) => Array.from(vectors['default']?.values ?? []))).toEqual(
          ids.flatMap((id) => [id, 1]),
        );
        expect(batches.map(({ metadata }) => metadataText(metadata, 1))).toEqual(Array(6).fill('{}'));
      }),
    );
  });
});
