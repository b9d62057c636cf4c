import { expect, it } from '@jest/globals';
import { tempFolder } from '@vecport/testkit';
import { describeBrowser } from '../support/describe-browser.js';

describeBrowser('Plans in a browser', (visit) => {
  const { button, job } = visit;
  const plan = () => visit.page.getByRole('region', { name: 'Plan' });
  const field = (name: string) => visit.page.getByRole('textbox', { name });
  const exportCollection = async (): Promise<void> => {
    await button('Show the plan').click();
    await button('Export the collection').click();
    await job('succeeded').waitFor();
  };

  it('come before an export to a dataset: counts, dimension, parts, size, time, and where it goes', async () => {
    await visit.open('/datasets');
    const { page } = visit;
    await page.getByText('There are none yet.').waitFor();
    expect(await button('Export the collection').count()).toBe(0);
    await button('Show the plan').click();
    for (const text of ['1,923', 'dense, 384, cosine', 'all-MiniLM-L6-v2', 'Everything is kept as it is.']) {
      await plan().getByText(text).waitFor();
    }
    for (const term of ['Parts', 'Size, about', 'Time, about']) {
      expect(await plan().getByRole('term').filter({ hasText: term }).count()).toBe(1);
    }
    await plan()
      .getByText(/exports/)
      .first()
      .waitFor();
    const before = (await (await page.request.get('/admin/exports')).json()) as { exports: unknown[] };
    expect(before.exports).toEqual([]);
    await button('Export the collection').click();
    await job('succeeded').getByText('Exported 1923 points').waitFor();
    await page.getByRole('region', { name: 'Datasets' }).getByRole('link').waitFor();
  });

  it('come before an import, and an obstacle keeps it from being started', async () => {
    await visit.open('/datasets');
    const { page } = visit;
    await exportCollection();
    await page.getByRole('region', { name: 'Datasets' }).getByRole('link').click();
    await page.getByRole('region', { name: 'Some records' }).getByText('… (384)').first().waitFor();

    await button('Show the plan').click();
    await plan().getByRole('alert').getByText("The collection 'emoji' exists already.").waitFor();
    expect(await button('Import').isDisabled()).toBe(true);

    await field('Name there').fill('again');
    await plan().waitFor({ state: 'detached' });
    await button('Show the plan').click();
    await plan().getByText("The collection 'again' will be made.").waitFor();
    await plan().getByText('emoji, as again').waitFor();
    await button('Import').click();
    await job('succeeded').getByText('1923 points to again').waitFor();

    await page.getByRole('combobox', { name: 'How' }).selectOption('replace');
    await button('Show the plan').click();
    await plan().getByText("The collection 'again' is dropped first, with the 1923 points that are in it.").waitFor();
  });

  it('come before a migration, with what the target cannot keep', async () => {
    const second = await tempFolder();
    await visit.open('/move');
    const { page } = visit;
    await field('Store').fill(`lancedb:${second}`);
    await button('Show the plan').click();
    await plan().getByRole('heading', { name: 'What cannot be kept' }).waitFor();
    expect(await field('Store').inputValue()).toBe(`lancedb:${second}`);
    await button('Move the collection').click();
    await job('succeeded').getByText('Moved 1923 points to emoji').waitFor();
    await field('Store').fill('nowhere://x');
    await plan().waitFor({ state: 'detached' });
    await button('Show the plan').click();
    await page.getByRole('alert').waitFor();
    expect(await plan().count()).toBe(0);
  });
});
