import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { lancedb } from '@vecport/adapter-lancedb';
import { adapterModule, memoryAdapter, tempFolder } from '@vecport/testkit';
import { describeBrowser } from '../support/describe-browser.js';
import { steppedLayer } from '../support/stepped-layer.js';
import { WRITE_ONLY_REASON, writeOnlyAdapter } from '../support/write-only-adapter.js';

describeBrowser('The dashboard in a browser', (visit) => {
  const { button, job } = visit;

  it('searches, and finds more like what was found; the way back leads to what was found', async () => {
    await visit.open('/');
    const { page } = visit;
    await page.getByRole('searchbox').fill('dragon');
    await page.getByRole('combobox', { name: 'Group' }).selectOption('animals-nature');
    await button('Search').click();
    const results = page.getByRole('list', { name: 'Search results' });
    await results.getByRole('link', { name: 'dragon face' }).click();
    await page.getByRole('heading', { level: 1, name: 'dragon face' }).waitFor();
    await page
      .getByRole('list', { name: 'More like this' })
      .getByRole('link', { name: /dragon/ })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'dragon', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'dragon face' }).waitFor();
    await page.goBack();
    await results.getByRole('link', { name: 'dragon face' }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('dragon');
    expect(await page.getByRole('combobox', { name: 'Group' }).inputValue()).toBe('animals-nature');
  });

  it('can be used by the keyboard alone', async () => {
    await visit.open('/');
    const { page } = visit;
    await page.getByRole('searchbox').waitFor();
    const focused = page.locator(':focus');
    await page.keyboard.press('Tab');
    expect(await focused.textContent()).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused.getAttribute('type')).toBe('search');
    await page.keyboard.type('rocket');
    await page.keyboard.press('Enter');
    const rocket = page.getByRole('list', { name: 'Search results' }).getByRole('link', { name: 'rocket' }).first();
    await rocket.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'rocket' }).waitFor();
    expect(await focused.getAttribute('id')).toBe('main');
  });

  it('shows an export into the cache as it goes on', async () => {
    const { layer, step } = steppedLayer();
    await visit.open('/move', { host: { layers: [layer] } });
    await visit.page.getByText('1,923 vectors of 384 dimensions, made by all-MiniLM-L6-v2').waitFor();
    await button('Export embeddings to the cache').click();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    step();
    await job('running').getByText('200 of 1,923').waitFor();
    step(Number.POSITIVE_INFINITY);
    await job('succeeded').getByText('1923 embeddings are in the cache').waitFor();
    expect((await visit.application.cache.stats()).entries).toBe(1923);
  });

  it('cancels what runs', async () => {
    const { layer, step } = steppedLayer();
    await visit.open('/move', { host: { layers: [layer] } });
    await button('Export embeddings to the cache').click();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    await button('Cancel').click();
    await job('cancelled').waitFor();
    expect((await visit.application.cache.stats()).entries).toBeLessThan(1923);
  });

  it('starts one job for two clicks, and shows it in every tab', async () => {
    const { layer, step } = steppedLayer();
    await visit.open('/move', { host: { layers: [layer] } });
    const other = await visit.anotherPage('/move');
    await button('Export embeddings to the cache').dblclick();
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    expect(await visit.page.getByRole('alert').count()).toBe(0);
    await other.locator('article.job[data-status="running"]').getByText('100 of 1,923').waitFor();
    expect(await other.getByRole('button', { name: 'Export embeddings to the cache' }).isDisabled()).toBe(true);
    await other.getByRole('button', { name: 'Cancel' }).click();
    await job('cancelled').waitFor();
    const { jobs } = (await (await visit.page.request.get('/admin/jobs')).json()) as { jobs: unknown[] };
    expect(jobs).toHaveLength(1);
  });

  it('says why a provider cannot export', async () => {
    await visit.open('/move', {
      settings: { store: 'write-only' },
      host: { modules: [adapterModule(writeOnlyAdapter()), adapterModule(memoryAdapter())] },
    });
    const { page } = visit;
    await page.getByRole('note').getByText(WRITE_ONLY_REASON).waitFor();
    expect(await button('Export embeddings to the cache').count()).toBe(0);
    await page.getByRole('link', { name: 'Datasets' }).click();
    await page.getByRole('note').getByText(WRITE_ONLY_REASON).waitFor();
    expect(await button('Show the plan').count()).toBe(0);
    await page.getByRole('link', { name: 'Providers' }).click();
    await page.getByRole('article', { name: 'write-only' }).getByText('✗ no').first().waitFor();
    await page.getByRole('article', { name: 'write-only' }).getByText('default dense 384 cosine').waitFor();
  });

  it('goes on when the server was gone and is back', async () => {
    const dataFolder = await tempFolder();
    const { layer, step } = steppedLayer();
    await visit.open('/jobs', {
      dataFolder,
      host: { layers: [layer], modules: [lancedb({ path: join(dataFolder, 'vectors') })] },
    });
    const { page, application } = visit;
    await page.request.post('/admin/cache/embeddings/export?async=true');
    step();
    await job('running').getByText('100 of 1,923').waitFor();
    await application.close();
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await visit.restart({ dataFolder });
    await job('interrupted').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.request.post('/admin/cache/embeddings/export?async=true');
    await job('succeeded').waitFor();
  });

  it('shows neighbours on the map, by the pointer and by the keyboard', async () => {
    await visit.open('/map');
    const { page } = visit;
    const map = page.getByRole('img', { name: '1923 items placed by their vectors' });
    await map.click({ position: { x: 100, y: 300 } });
    await page.getByRole('heading', { level: 2, name: /^Nearest to / }).waitFor();
    await page.getByRole('combobox', { name: 'Item' }).selectOption('1F436');
    const nearest = page.getByRole('list', { name: 'Nearest to dog face' });
    await nearest.getByRole('link', { name: 'cat face' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'cat face' }).waitFor();
  });

  it('shows the cache, and clears it', async () => {
    await visit.open('/move');
    const { page } = visit;
    await button('Export embeddings to the cache').click();
    await job('succeeded').waitFor();
    const cache = page.getByRole('region', { name: 'Embedding cache' });
    await cache.getByText('1,923').waitFor();
    page.once('dialog', (dialog) => void dialog.accept());
    await cache.getByRole('button', { name: 'Clear the cache' }).click();
    await cache.getByText('1,923 entries were removed.').waitFor();
    expect((await visit.application.cache.stats()).entries).toBe(0);
  });

  it('asks for the password where there is one, and forgets who signs out', async () => {
    await visit.open('/jobs', { settings: { adminPassword: 'a long enough one' } });
    const { page } = visit;
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
});
