import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeTempFolders, tempFolder } from '@vecport/testkit';
import type { Application } from '../src/application.js';
import { runTour } from '../src/tour/run-tour.js';
import { startTestApplication } from './support/start-test-application.js';

describe('The main job', () => {
  let application: Application;

  beforeAll(async () => {
    application = await startTestApplication();
  });

  afterAll(async () => {
    await application.close();
    await removeTempFolders();
  });

  async function run(exportsFolder: string): Promise<string> {
    const printed: string[] = [];
    const { signal } = new AbortController();
    await runTour(application, { exportsFolder, print: (text) => printed.push(text), signal });
    return printed.join('\n');
  }

  it('exports, verifies, warms the cache and says so, each time into a new folder', async () => {
    const folder = await tempFolder();
    const first = await run(folder);
    expect(first).toContain('exportAll');
    expect(first).toContain('1923 points of emoji');
    expect(first).toContain('1923 entries');
    expect(first).toMatch(/🐶 dog face → .*cat face/);
    const [id] = await readdir(folder);
    expect(first).toContain(join(folder, id ?? ''));
    expect(await readdir(join(folder, id ?? ''))).toEqual(expect.arrayContaining(['manifest.json', 'collections']));

    await run(folder);
    expect((await readdir(folder)).length).toBe(2);
    expect((await application.cache.stats()).entries).toBe(1923);
  });

  it('fails when the work is cancelled', async () => {
    const reason = new Error('enough');
    const options = { exportsFolder: await tempFolder(), print: () => {}, signal: AbortSignal.abort(reason) };
    await expect(runTour(application, options)).rejects.toBe(reason);
  });
});
