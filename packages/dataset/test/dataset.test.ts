import { describe, expect, it } from '@jest/globals';
import { batchFromRecords, parseJson, rows, stringifyJson, type VectorBatch } from '@vecport/abstractions';
import {
  completeDataset,
  createDigest,
  type Dataset,
  isSameDigest,
  MANIFEST_PATH,
  openDataset,
  openPart,
  readPart,
  sumDigests,
  validateDataset,
} from '@vecport/dataset';
import fc from 'fast-check';
import { anyRecords, points, sampleBatch } from './support/batches.js';
import { memoryStorage } from './support/memory-storage.js';
import {
  collectionEntry,
  DESCRIPTION,
  manifestOf,
  partTarget,
  writePart,
  writeSample,
} from './support/write-sample.js';

async function idsOf(batches: AsyncIterable<VectorBatch>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const batch of batches) ids.push(...batch.ids);
  return ids;
}

describe('a dataset', () => {
  it('gives back what was written, bit by bit', async () => {
    const storage = memoryStorage();
    await writeSample(storage, sampleBatch());
    const dataset = await openDataset(storage);
    const digest = createDigest();
    const texts: (string | undefined)[] = [];
    for await (const batch of dataset.read(dataset.collection())) {
      digest.add(batch);
      for (const row of rows(batch)) texts.push(row.metadataText);
    }
    const written = createDigest();
    written.add(sampleBatch());
    expect(digest.value()).toEqual(written.value());
    expect(texts).toEqual(['{"z": 18446744073709551616, "a": 1.0, "n": null}', 'null', undefined]);
  });

  it('gives back any records, and is found whole', async () => {
    const records = anyRecords({ unique: true });
    await fc.assert(
      fc.asyncProperty(records, fc.nat(20), async (list, cut) => {
        const vectors = {
          default: { kind: 'dense', dimension: 3, elementType: 'float32' },
          sparse: { kind: 'sparse', elementType: 'float32' },
          'multi é': { kind: 'multi', dimension: 2, elementType: 'float32' },
        } as const;
        const schema = { vectors, createdAt: false, updatedAt: false };
        const storage = memoryStorage();
        const parts = [
          await writePart(storage, batchFromRecords(list.slice(0, cut)), { schema }),
          await writePart(storage, batchFromRecords(list.slice(cut)), { schema, slice: 1 }),
        ];
        await completeDataset(
          storage,
          manifestOf(collectionEntry(parts, { description: { ...DESCRIPTION, vectors } })),
        );
        const report = await validateDataset(await openDataset(storage));
        const expected = createDigest();
        expected.add(batchFromRecords(list));
        expect(report).toEqual({
          ok: true,
          problems: [],
          rows: list.length,
          bytes: expect.any(Number),
          digest: expected.value(),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('has the documented files', async () => {
    const storage = memoryStorage();
    const manifest = await writeSample(storage, points('b', 'a'), points('c'));
    expect([...storage.files.keys()].sort()).toEqual([
      'collections/things/_/part-000-00000.parquet',
      'collections/things/_/part-000-00001.parquet',
      'collections/things/schema.json',
      'export_metadata.json',
      'manifest.json',
    ]);
    const part = manifest.collections[0]?.parts[0];
    expect(part).toMatchObject({ rows: 2, minId: 'a', maxId: 'b', slice: 0, index: 0 });
    expect(part?.bytes).toBe(storage.files.get('collections/things/_/part-000-00000.parquet')?.length);
    expect(JSON.parse(String(storage.files.get('export_metadata.json')))).toEqual({
      id: 'sample',
      backend: 'memory',
      startedAt: '2026-01-28T10:00:00.000Z',
      completedAt: '2026-01-28T10:15:00.000Z',
      status: 'SUCCESS',
      classes: ['things'],
      progress: {
        things: {
          status: 'SUCCESS',
          objectsExported: 3,
          fileSizeBytes: manifest.collections[0]?.parts.reduce((sum, { bytes }) => sum + bytes, 0),
        },
      },
      version: '1.2.3',
    });
  });

  it('keeps every digit of native settings', async () => {
    const storage = memoryStorage();
    await writeSample(storage, points('a'));
    expect((await openDataset(storage)).collection().description).toEqual(DESCRIPTION);
    const schema = String(storage.files.get('collections/things/schema.json'));
    expect(schema).toContain('"shards": 18446744073709551615,\n');
    expect(parseJson(schema)).toEqual(parseJson(stringifyJson(DESCRIPTION)));
  });

  it('keeps tenants apart', async () => {
    const storage = memoryStorage();
    const parts = [
      await writePart(storage, points('a'), { tenant: 'x/1' }),
      await writePart(storage, points('a', 'b'), { tenant: 'y' }),
    ];
    await completeDataset(storage, manifestOf(collectionEntry(parts)));
    const dataset = await openDataset(storage);
    expect(parts[0]?.path).toBe('collections/things/x%2F1/part-000-00000.parquet');
    expect(await idsOf(dataset.read(dataset.collection(), { tenant: 'y' }))).toEqual(['a', 'b']);
    expect(await idsOf(dataset.read(dataset.collection()))).toEqual(['a', 'a', 'b']);
    expect((await validateDataset(dataset)).problems).toEqual([]);
  });

  it('does not believe what a manifest says of tenants', async () => {
    const storage = memoryStorage();
    const entry = collectionEntry([
      await writePart(storage, points('a'), { tenant: 'x' }),
      await writePart(storage, points('b', 'c'), { tenant: 'y' }),
    ]);
    const problemsWith = async (change: Partial<typeof entry>): Promise<readonly string[]> => {
      await storage.delete('manifest.json');
      await completeDataset(storage, manifestOf({ ...entry, ...change }));
      return (await validateDataset(await openDataset(storage))).problems.map(({ message }) => message);
    };
    const [x, y] = entry.tenants ?? [];
    if (x === undefined || y === undefined) throw new Error('no tenants');
    expect(await problemsWith({})).toEqual([]);
    expect(await problemsWith({ tenants: [x] })).toEqual([expect.stringMatching(/belongs to no tenant/)]);
    expect(await problemsWith({ tenants: undefined })).toEqual([expect.stringMatching(/belongs to no tenant/)]);
    const swapped = [{ ...x, digest: y.digest }, y];
    expect(await problemsWith({ tenants: swapped })).toEqual([expect.stringMatching(/tenant 'x' .* is not what/)]);
  });

  it('finds its collections by name', async () => {
    const storage = memoryStorage();
    const entries = [];
    for (const collection of ['one', 'two']) {
      entries.push(collectionEntry([await writePart(storage, points('a'), { collection })], { name: collection }));
    }
    await completeDataset(storage, manifestOf(...entries));
    const dataset = await openDataset(storage);
    expect(dataset.collection('two').path).toBe('collections/two');
    expect(() => dataset.collection()).toThrow("The dataset has several collections: 'one', 'two'.");
    expect(() => dataset.collection('three')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect((await validateDataset(dataset)).problems).toEqual([]);
  });

  it('keeps the selection it was made with', async () => {
    const storage = memoryStorage();
    const selection = { filter: { op: 'gt', field: 'n', value: 9007199254740993n }, fields: ['n'] } as const;
    await completeDataset(storage, manifestOf(collectionEntry([await writePart(storage, points('a'))], { selection })));
    expect((await openDataset(storage)).collection().selection).toEqual(selection);
  });

  it('reads ids alone', async () => {
    const storage = memoryStorage();
    await writeSample(storage, points('a', 'b', 'c'));
    const dataset: Dataset = await openDataset(storage);
    const [part] = dataset.collection().parts;
    if (part === undefined) throw new Error('no part');
    for await (const batch of dataset.readPart(part, { columns: 'ids', batchRows: 2 })) {
      expect(Object.keys(batch.vectors)).toEqual([]);
      expect(batch.ids.length).toBeLessThanOrEqual(2);
    }
    expect(await idsOf(readPart(storage, part, { columns: 'ids' }))).toEqual(['a', 'b', 'c']);
  });

  it('stops reading at an abort, with its reason', async () => {
    const storage = memoryStorage();
    await writeSample(storage, points('a'));
    const dataset = await openDataset(storage);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(idsOf(dataset.read(dataset.collection(), { signal }))).rejects.toBe(reason);
    await expect(validateDataset(dataset, { signal })).rejects.toBe(reason);
  });
});

describe('a part', () => {
  it('is not there before commit, and leaves nothing when it is aborted', async () => {
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget());
    await part.write(points('a', 'b'));
    expect([part.rows, part.path, storage.files.size]).toEqual([2, 'collections/things/_/part-000-00000.parquet', 0]);
    await part.abort();
    await part.abort();
    await expect(part.commit()).rejects.toThrow('no longer open');
    expect([storage.files.size, storage.open.size]).toEqual([0, 0]);
  });

  it('has bytes and digest that do not depend on how rows were cut into batches', async () => {
    const [a, b] = [memoryStorage(), memoryStorage()];
    const whole = await writePart(a, points('a', 'b', 'c'));
    const part = await openPart(b, partTarget());
    for (const id of ['a', 'b', 'c']) await part.write(points(id));
    expect(await part.commit()).toEqual(whole);
    expect(b.files).toEqual(a.files);
  });

  it('may hold no rows', async () => {
    const storage = memoryStorage();
    const manifest = await writeSample(storage, points());
    expect(manifest.collections[0]?.parts[0]).toMatchObject({ rows: 0, minId: undefined, maxId: undefined });
    expect((await validateDataset(await openDataset(storage))).problems).toEqual([]);
  });

  it.each([
    ['another dimension', 'dimension-mismatch', batchFromRecords([{ id: 'a', embedding: Float32Array.of(1) }])],
    ['an unknown vector', 'invalid-argument', batchFromRecords([{ id: 'a', vectors: { other: Float32Array.of(1) } }])],
    ['metadata that is not JSON', 'corrupt-data', batchFromRecords([{ id: 'a', metadataText: '{' }])],
  ])('refuses %s, and then can only be aborted', async (_what, code, batch) => {
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget());
    await expect(part.write(batch)).rejects.toMatchObject({ code });
    await expect(part.commit()).rejects.toThrow('no longer open');
    expect([storage.files.size, storage.open.size]).toEqual([0, 0]);
  });

  it('leaves nothing when its schema is refused', async () => {
    const storage = memoryStorage();
    const vectors = { default: { kind: 'dense', dimension: -1 } } as const;
    const target = partTarget({ schema: { vectors, createdAt: false, updatedAt: false } });
    await expect(openPart(storage, target)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(storage.open.size).toBe(0);
  });

  it('says in our words why the storage refused, and leaves nothing', async () => {
    const storage = memoryStorage();
    const part = await openPart(storage, partTarget());
    storage.fail(`${part.path}#commit`, 'full');
    await part.write(points('a'));
    await expect(part.commit()).rejects.toMatchObject({
      name: 'VecportError',
      code: 'storage',
      advice: expect.stringContaining('Free some space'),
    });
    expect([storage.files.size, storage.open.size]).toEqual([0, 0]);
  });

  it('is not committed after an abort', async () => {
    const storage = memoryStorage();
    const controller = new AbortController();
    const part = await openPart(storage, partTarget({ signal: controller.signal }));
    await part.write(points('a'));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(part.commit()).rejects.toBe(reason);
    expect([storage.files.size, storage.open.size]).toEqual([0, 0]);
    await expect(openPart(storage, partTarget({ signal: controller.signal }))).rejects.toBe(reason);
  });
});

describe('completeDataset', () => {
  it('refuses to complete a dataset twice, and changes nothing', async () => {
    const storage = memoryStorage();
    const manifest = await writeSample(storage, points('a'));
    const before = new Map(storage.files);
    await expect(completeDataset(storage, { ...manifest, id: 'other' })).rejects.toMatchObject({
      code: 'already-exists',
    });
    expect(storage.files).toEqual(before);
  });

  it('writes the manifest last', async () => {
    const storage = memoryStorage();
    const manifest = manifestOf(collectionEntry([await writePart(storage, points('a'))]));
    storage.fail('export_metadata.json', 'forbidden');
    await expect(completeDataset(storage, manifest)).rejects.toMatchObject({ code: 'forbidden' });
    expect(storage.files.has(MANIFEST_PATH)).toBe(false);
  });

  it.each([
    ['no collection', { collections: [] }, 'collections: '],
    ['a time that is none', { startedAt: 'yesterday' }, 'startedAt: '],
    ['another version', { formatVersion: 0 }, 'formatVersion: '],
    [
      'a collection twice',
      { collections: [collectionEntry([]), collectionEntry([])] },
      "the collection 'things' twice",
    ],
    [
      'folders that differ in case only',
      { collections: [collectionEntry([], { name: 'a' }), collectionEntry([], { name: 'A' })] },
      "the folder 'collections/a' twice",
    ],
    [
      'an unknown filter',
      { collections: [collectionEntry([], { selection: { filter: { op: 'like' } as never } })] },
      'collections[0].selection.filter: not a filter',
    ],
  ])('refuses %s', async (_what, wrong, message) => {
    const storage = memoryStorage();
    const manifest = { ...manifestOf(collectionEntry([])), ...wrong };
    await expect(completeDataset(storage, manifest)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
    expect(storage.files.size).toBe(0);
  });

  it('sums digests of several parts', async () => {
    const storage = memoryStorage();
    const manifest = await writeSample(storage, points('a', 'b'), points('c'));
    const digest = createDigest();
    digest.add(points('c', 'b', 'a'));
    expect(isSameDigest(sumDigests(manifest.collections.map((collection) => collection.digest)), digest.value())).toBe(
      true,
    );
  });
});
