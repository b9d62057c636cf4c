import { beforeEach, describe, expect, it } from '@jest/globals';
import { batchFromRecords } from '@vecport/abstractions';
import { completeDataset, openDataset } from '@vecport/dataset';
import { points } from './support/batches.js';
import { contentOf, edit, editPart, FIRST, problemsOf, readFirst, SECOND } from './support/damage.js';
import { type MemoryStorage, memoryStorage } from './support/memory-storage.js';
import { collectionEntry, DESCRIPTION, manifestOf, writePart, writeSample } from './support/write-sample.js';

let storage: MemoryStorage;

beforeEach(async () => {
  storage = memoryStorage();
  await writeSample(storage, points('a', 'b'), points('c', 'd'));
});

describe('a wrong manifest', () => {
  it('with a wrong checksum', async () => {
    editPart(storage, { sha256: '0'.repeat(64) });
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-checksum', path: FIRST, message: expect.stringContaining(`the manifest says ${'0'.repeat(64)}`) },
    ]);
  });

  it('with a wrong number of rows', async () => {
    editPart(storage, { rows: 3 });
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'wrong-total',
        path: 'manifest.json',
        message: "The manifest contradicts itself: 'things' has 4 points, its parts 5 rows.",
      },
      { code: 'wrong-rows', path: FIRST, message: `The part ${FIRST} has 2 rows where the manifest says 3.` },
    ]);
    await expect(readFirst(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('2 rows where the manifest says 3'),
    });
  });

  it('with a wrong digest', async () => {
    edit(storage, (manifest) => ({
      ...manifest,
      collections: manifest.collections.map((collection) => ({
        ...collection,
        digest: { ...collection.digest, ids: 'f'.repeat(64) },
      })),
    }));
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'wrong-total',
        path: 'manifest.json',
        message: expect.stringContaining("the digest of 'things' is not the sum"),
      },
    ]);
  });

  it('with wrong smallest and largest ids', async () => {
    editPart(storage, { maxId: 'zz' });
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-id-range', path: FIRST, message: expect.stringContaining("from 'a' to 'b'") },
    ]);
  });

  it.each([
    '../outside/part-000-00000.parquet',
    '/etc/part-000-00000.parquet',
    'collections/things/_/../../../part-000-00000.parquet',
    String.raw`collections\things\part-000-00000.parquet`,
    'collections/other/_/part-000-00000.parquet',
  ])('with a path that leads out: %s', async (path) => {
    editPart(storage, { path });
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining("not inside 'collections/things/'"),
    });
  });

  it.each(['..', 'collections/../..', '/collections/x', 'elsewhere'])(
    'with a folder that leads out: %s',
    async (path) => {
      edit(storage, (manifest) => ({
        ...manifest,
        collections: manifest.collections.map((collection) => ({ ...collection, path })),
      }));
      await expect(openDataset(storage)).rejects.toMatchObject({
        code: 'corrupt-data',
        message: expect.stringContaining("not inside 'collections/'"),
      });
    },
  );

  it('with names and paths longer than anybody gives', async () => {
    edit(storage, (manifest) => ({
      ...manifest,
      collections: manifest.collections.map((collection) => ({ ...collection, name: 'x'.repeat(1e7) })),
    }));
    const error: unknown = await openDataset(storage).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'corrupt-data', message: expect.stringContaining('collections[0].name') });
    expect(String(error).length).toBeLessThan(500);
  });

  it('of more bytes than a manifest can have, without reading it', async () => {
    const huge = { ...storage, head: async (path: string) => ({ path, size: 2 ** 40, modifiedAt: 0 }) };
    await expect(openDataset(huge)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('too many to be ours'),
    });
  });

  it('that names a part twice, or another file as a part', async () => {
    editPart(storage, { path: SECOND });
    await expect(openDataset(storage)).rejects.toThrow(`names the part '${SECOND}' twice`);
    editPart(storage, { path: 'collections/things/schema.json' }, SECOND);
    await expect(openDataset(storage)).rejects.toThrow('not named as a part is');
  });

  it('of a newer version', async () => {
    edit(storage, (manifest) => ({ formatVersion: 2, novelty: manifest.id }));
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'not-supported',
      reason: 'The dataset has format version 2; this version of Vecport reads up to 1.',
      advice: 'Use a newer Vecport.',
    });
  });

  it('that is not JSON, or not text', async () => {
    const text = String(contentOf(storage, 'manifest.json'));
    storage.files.set('manifest.json', Buffer.from(text.slice(0, -10)));
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('manifest.json in memory:/ is not JSON'),
    });
    storage.files.set('manifest.json', Buffer.of(0xff, 0xfe));
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringContaining('not text in UTF-8'),
    });
  });

  it('that lacks something, in words', async () => {
    edit(storage, ({ tool: _tool, ...manifest }) => ({
      ...manifest,
      collections: [{ ...manifest.collections[0], counts: { exported: -1, quarantined: 'no' } }],
    }));
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'corrupt-data',
      message: expect.stringMatching(
        /does not keep to the format: tool: .*; collections\[0\]\.counts\.exported: .*; collections\[0\]\.counts\.quarantined: /,
      ),
    });
    for (const text of ['null', '[]', '1', '{}']) {
      storage.files.set('manifest.json', Buffer.from(text));
      await expect(openDataset(storage)).rejects.toMatchObject({ code: 'corrupt-data' });
    }
  });

  it('that is missing: no dataset, or an export that was not completed', async () => {
    storage.files.delete('manifest.json');
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'not-found',
      reason: 'There is no dataset in memory:/: it has no manifest.json.',
    });
    storage.files.set('plan.json', Buffer.from('{}'));
    await expect(openDataset(storage)).rejects.toMatchObject({
      code: 'incomplete',
      advice: expect.stringContaining('--resume'),
    });
  });
});

describe('records that do not belong together', () => {
  it('an id that is in two parts', async () => {
    storage = memoryStorage();
    const manifest = await writeSample(storage, points('a', 'b'), points('c', 'b'), points('e'));
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'duplicate-id',
        path: SECOND,
        message: `1 ids of 'things' are there more than once, for example 'b' in ${FIRST} and ${SECOND}.`,
      },
    ]);
    expect(manifest.collections[0]?.digest.count).toBe(5);
  });

  it('an id that is twice in one part', async () => {
    storage = memoryStorage();
    await writeSample(storage, points('a', 'b', 'a', 'a'));
    expect(await problemsOf(storage)).toEqual([
      { code: 'duplicate-id', path: FIRST, message: expect.stringContaining(`'a' in ${FIRST} and ${FIRST}`) },
    ]);
  });

  it('vectors that the description does not have', async () => {
    const batch = batchFromRecords([
      {
        id: 'a',
        vectors: {
          default: Float32Array.of(1),
          other: Float32Array.of(1),
          tokens: { indices: Uint32Array.of(1), values: Float32Array.of(1) },
        },
      },
    ]);
    const vectors = {
      default: { kind: 'dense', dimension: 1 },
      other: { kind: 'dense', dimension: 1 },
      tokens: { kind: 'sparse' },
    } as const;
    storage = memoryStorage();
    const part = await writePart(storage, batch, { schema: { vectors, createdAt: false, updatedAt: false } });
    await completeDataset(storage, manifestOf(collectionEntry([part])));
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'wrong-vector',
        path: FIRST,
        message: `The part ${FIRST} holds vectors 'default' with 1 dimensions where the collection has 3.`,
      },
      {
        code: 'wrong-vector',
        path: FIRST,
        message: `The part ${FIRST} holds the vector 'other', which the collection does not have.`,
      },
      {
        code: 'wrong-vector',
        path: FIRST,
        message: `The part ${FIRST} holds sparse vectors 'tokens' where the collection has multi ones.`,
      },
    ]);
  });

  it('ids of a kind that the description does not have', async () => {
    storage = memoryStorage();
    const part = await writePart(storage, points('1', 'x', '-1', '0f8fad5b-d9cb-469f-a165-70867728950e'));
    await completeDataset(
      storage,
      manifestOf(collectionEntry([part], { description: { ...DESCRIPTION, idKinds: ['u64', 'uuid'] } })),
    );
    expect(await problemsOf(storage)).toEqual([
      {
        code: 'wrong-id-kind',
        path: FIRST,
        message: `The part ${FIRST} holds 2 ids that are not u64 or uuid, for example 'x', '-1'.`,
      },
    ]);
  });

  it('a description that is missing, changed or damaged', async () => {
    const path = 'collections/things/schema.json';
    const text = String(contentOf(storage, path));
    storage.files.set(path, Buffer.from(text.replace('things', 'others')));
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-description', path, message: expect.stringContaining('does not say what the manifest says') },
    ]);
    storage.files.set(path, Buffer.from(text.slice(1)));
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-description', path, message: expect.stringContaining('does not say what the manifest says') },
    ]);
    storage.files.delete(path);
    expect(await problemsOf(storage)).toEqual([
      { code: 'wrong-description', path, message: expect.stringContaining('is missing') },
    ]);
    storage.files.set(path, Buffer.from(text.replaceAll(/\s*\n\s*/g, '')));
    expect(await problemsOf(storage)).toEqual([]);
  });
});
