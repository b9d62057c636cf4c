import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStorage, type Storage } from '@vecport/storage';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import { findUnfinished } from '../src/find-unfinished.js';

const { signal } = new AbortController();

describe('unfinished exports in a folder', () => {
  let folder: Storage;

  beforeAll(async () => {
    const root = await tempFolder();
    const put = async (path: string, value: unknown): Promise<void> => {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
    };
    const plan = (startedAt: string, url = 'lancedb:a', names = ['items']): unknown => ({
      startedAt,
      source: { provider: 'lancedb', url },
      collections: names.map((name) => ({ name })),
    });
    await put('old/plan.json', plan('2026-11-20T00:00:00.000Z'));
    await put('new/plan.json', plan('2026-11-21T00:00:00.000Z'));
    await put('newest-but-complete/plan.json', plan('2026-11-22T00:00:00.000Z'));
    await put('newest-but-complete/manifest.json', {});
    await put('only-complete/plan.json', plan('2026-11-22T00:00:00.000Z', 'lancedb:d'));
    await put('only-complete/manifest.json', {});
    await put('other-store/plan.json', plan('2026-11-23T00:00:00.000Z', 'lancedb:b'));
    await put('other-collections/plan.json', plan('2026-11-23T00:00:00.000Z', 'lancedb:a', ['items', 'tags']));
    await put('deeper/in/plan.json', plan('2026-11-24T00:00:00.000Z'));
    await put('foreign/plan.json', 'not JSON');
    await put('foreign-json/plan.json', '[1]');
    folder = openStorage(root);
  });

  afterAll(removeTempFolders);

  it('are found by source and collections, the newest first', async () => {
    const query = { provider: 'lancedb', source: 'lancedb:a', signal };
    expect(await findUnfinished(folder, { ...query, collections: ['items'] })).toBe('new');
    expect(await findUnfinished(folder, { ...query, collections: ['items', 'tags'] })).toBe('other-collections');
  });

  it('are those that only have to be cleaned up, when there are no others', async () => {
    const query = { provider: 'lancedb', source: 'lancedb:d', collections: ['items'], signal };
    expect(await findUnfinished(folder, query)).toBe('only-complete');
  });

  it('are not those of another source', async () => {
    expect(
      await findUnfinished(folder, { provider: 'lancedb', source: 'lancedb:c', collections: ['items'], signal }),
    ).toBeUndefined();
    expect(
      await findUnfinished(folder, { provider: 'qdrant', source: 'lancedb:a', collections: ['items'], signal }),
    ).toBeUndefined();
  });
});
