import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { memoryAdapter, removeTempFolders, tempFolder } from '@vecport/testkit';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Application } from '../../src/application.js';
import { WEB_FOLDER } from '../../src/http/dashboard-routes.js';
import { adapterModule } from '../support/adapter-module.js';
import { launchBrowser } from '../support/launch-browser.js';
import { startTestApplication, type TestApplicationOptions } from '../support/start-test-application.js';
import { steppedLayer } from '../support/stepped-layer.js';
import { WRITE_ONLY_REASON, writeOnlyAdapter } from '../support/write-only-adapter.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const VIEWS = ['/', '/items/1F436', '/map', '/providers', '/datasets', '/move', '/jobs'];
/** Where pictures for documents go; none are kept if it is not set. */
const SCREENSHOTS = process.env['VECPORT_SCREENSHOTS'];

describe('The dashboard in a browser', () => {
  let browser: Browser;
  let application: Application;
  let page: Page;

  const open = async (path: string, options?: TestApplicationOptions): Promise<void> => {
    application = await startTestApplication(options);
    page = await browser.newPage({ baseURL: application.url });
    await page.goto(path);
  };
  const button = (name: string) => page.getByRole('button', { name });
  const job = (status: string) => page.locator(`article.job[data-status="${status}"]`);

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(async () => {
    await page.close();
    await application.close();
    await removeTempFolders();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('searches, and finds more like what was found', async () => {
    await open('/');
    await page.getByRole('searchbox').fill('dragon');
    await button('Search').click();
    await page.getByRole('list', { name: 'Search results' }).getByRole('link', { name: 'dragon face' }).click();
    await page.getByRole('heading', { level: 1, name: 'dragon face' }).waitFor();
    await page
      .getByRole('list', { name: 'More like this' })
      .getByRole('link', { name: /dragon/ })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'dragon', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'dragon face' }).waitFor();
  });

  it('shows an export into the cache as it goes on', async () => {
    const { layer, step } = steppedLayer();
    await open('/move', { host: { layers: [layer] } });
    await button('Export embeddings to the cache').click();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    step();
    await job('running').getByText('200 of 1,923').waitFor();
    step(Number.POSITIVE_INFINITY);
    await job('succeeded').getByText('1923 embeddings are in the cache').waitFor();
    expect((await application.cache.stats()).entries).toBe(1923);
  });

  it('cancels what runs', async () => {
    const { layer, step } = steppedLayer();
    await open('/move', { host: { layers: [layer] } });
    await button('Export embeddings to the cache').click();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    await button('Cancel').click();
    await job('cancelled').waitFor();
    expect((await application.cache.stats()).entries).toBeLessThan(1923);
  });

  it('exports to a dataset, shows it, and imports it again', async () => {
    await open('/datasets');
    await page.getByText('There are none yet.').waitFor();
    await button('Export the collection').click();
    await job('succeeded').waitFor();
    await page.getByRole('region', { name: 'Datasets' }).getByRole('link').click();
    await page.getByRole('region', { name: 'Some records' }).getByText('… (384)').first().waitFor();
    await page.getByLabel('As a new collection').fill('again');
    await button('Import').click();
    await job('succeeded').getByText('1923 points to again').waitFor();
  });

  it('moves the collection to a second store, after the plan', async () => {
    const second = await tempFolder();
    await open('/move');
    await page.getByRole('textbox', { name: 'Store' }).fill(`lancedb:${second}`);
    await button('Show the plan').click();
    await page.getByRole('region', { name: 'Plan' }).getByRole('heading', { name: 'What cannot be kept' }).waitFor();
    await button('Move the collection').click();
    await job('succeeded').getByText('Moved 1923 points to emoji').waitFor();
    await page.getByRole('textbox', { name: 'Store' }).fill('nowhere://x');
    await button('Show the plan').click();
    await page.getByRole('alert').waitFor();
  });

  it('says why a provider cannot export', async () => {
    await open('/move', {
      settings: { store: 'write-only' },
      host: { modules: [adapterModule(writeOnlyAdapter()), adapterModule(memoryAdapter())] },
    });
    await page.getByRole('note').getByText(WRITE_ONLY_REASON).waitFor();
    expect(await button('Export embeddings to the cache').count()).toBe(0);
    await page.getByRole('link', { name: 'Providers' }).click();
    await page.getByRole('article', { name: 'write-only' }).getByText('✗ no').first().waitFor();
    await page.getByRole('article', { name: 'write-only' }).getByText('default dense 384 cosine').waitFor();
  });

  it('goes on when the server was gone and is back', async () => {
    const dataFolder = await tempFolder();
    const { layer, step } = steppedLayer();
    await open('/jobs', {
      dataFolder,
      host: { layers: [layer], modules: [lancedb({ path: join(dataFolder, 'vectors') })] },
    });
    const { port } = new URL(application.url);
    await page.request.post('/admin/cache/embeddings/export?async=true');
    await page.reload();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    await application.close();
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    application = await startTestApplication({ dataFolder, port: Number(port) });
    await job('interrupted').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('asks for the password where there is one, and forgets who signs out', async () => {
    await open('/jobs', { settings: { adminPassword: 'a long enough one' } });
    await page.getByLabel('Password').fill('wrong');
    await button('Sign in').click();
    await page.getByRole('alert').getByText('The password is wrong.').waitFor();
    expect((await page.request.get('/admin/jobs')).status()).toBe(401);
    await page.getByLabel('Password').fill('a long enough one');
    await button('Sign in').click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await button('Sign out').click();
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    expect((await page.request.get('/admin/jobs')).status()).toBe(401);
  });

  it.each(['light', 'dark'] as const)('has no serious barrier, in %s', async (colorScheme) => {
    await open('/datasets');
    await button('Export the collection').click();
    await job('succeeded').waitFor();
    const name = (await page.getByRole('region', { name: 'Datasets' }).getByRole('link').textContent()) ?? '';
    await page.emulateMedia({ colorScheme });
    for (const view of [...VIEWS, `/datasets/${name}`]) {
      await page.goto(view);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('Loading…').waitFor({ state: 'detached' });
      if (SCREENSHOTS !== undefined && view === '/') {
        await page.screenshot({ path: join(SCREENSHOTS, `dashboard-${colorScheme}.png`) });
      }
      expect(await barriers(page)).toEqual([]);
    }
  });

  it('can be used on a phone: nothing is wider than the screen', async () => {
    await open('/');
    await page.setViewportSize({ width: 360, height: 740 });
    for (const view of VIEWS) {
      await page.goto(view);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('Loading…').waitFor({ state: 'detached' });
      expect([view, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([view, 360]);
    }
  });

  it('is small: its scripts have less than 200 kB compressed', async () => {
    await open('/');
    const names = (await readdir(join(WEB_FOLDER, 'assets'))).filter((name) => name.endsWith('.js'));
    const sizes = await Promise.all(
      names.map(async (name) => gzipSync(await readFile(join(WEB_FOLDER, 'assets', name))).length),
    );
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
  });
});

/** Serious and critical findings of axe-core. */
async function barriers(page: Page): Promise<readonly string[]> {
  // As a file of the page's own the security policy would let it through; as a script of the tester it need not ask.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(' ')
          .slice(0, 300)}`,
    );
}
