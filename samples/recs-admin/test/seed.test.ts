import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { startTestApplication } from './support/start-test-application.js';

describe('Seeding', () => {
  let running: Application | undefined;

  afterEach(async () => {
    await running?.close();
    running = undefined;
    await removeTempFolders();
  });

  async function restart(dataFolder: string): Promise<Application> {
    await running?.close();
    running = undefined;
    running = await startTestApplication({ dataFolder });
    return running;
  }

  it('happens at the first start only: what was deleted stays deleted', async () => {
    const dataFolder = await tempFolder();
    const first = await restart(dataFolder);
    expect(first.seeded).toEqual({ items: 1923, vectors: 1923 });
    first.items.delete('1F436');
    await first.repository.delete('1F680');

    const second = await restart(dataFolder);
    expect(second.seeded).toEqual({ items: 0, vectors: 0 });
    expect(second.items.get('1F436')).toBeUndefined();
    expect(await second.repository.count()).toBe(1922);
  });

  it('is completed by the next start when it was interrupted', async () => {
    const dataFolder = await tempFolder();
    const first = await restart(dataFolder);
    await first.repository.delete('1F680');
    first.items.markSeed(`vectors ${first.store.url} emoji`, 'started');

    const second = await restart(dataFolder);
    expect(second.seeded).toEqual({ items: 0, vectors: 1923 });
    expect(await second.repository.count()).toBe(1923);
  });

  it('may be done by two applications that start at the same moment', async () => {
    const dataFolder = await tempFolder();
    const started = await Promise.allSettled([0, 1, 2].map(async () => startTestApplication({ dataFolder })));
    const applications = started.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const counts = await Promise.all(
      applications.map(async ({ repository, items }) => [await repository.count(), items.count()]),
    );
    for (const application of applications) await application.close();
    expect(started.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(counts).toEqual([0, 1, 2].map(() => [1923, 1923]));
  });

  it('says where data cannot be kept, and what to do', async () => {
    const file = join(await tempFolder(), 'file');
    await writeFile(file, '');
    for (const dataFolder of [file, join(file, 'data')]) {
      await expect(startTestApplication({ dataFolder })).rejects.toMatchObject({
        code: 'storage',
        reason: expect.stringContaining(dataFolder),
        advice: expect.stringContaining('VECPORT_DATA'),
      });
    }
  });
});
