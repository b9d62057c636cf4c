import { expect, it } from '@jest/globals';
import { tempFolder } from '@vecport/testkit';
import { describeBrowser } from '../support/describe-browser.js';
import { itemOf, ownCatalogue } from '../support/own-catalogue.js';

const ODD = ['a/b', '100%', '../x', '?q=1#x', '<b>bold</b>', 'ü 🦊', "o'clock"];

describeBrowser('The dashboard with another catalogue', (visit) => {
  const open = async (items: Parameters<typeof ownCatalogue>[1]): Promise<void> => {
    const dataFolder = await tempFolder();
    await ownCatalogue(dataFolder, items);
    await visit.open('/', { dataFolder });
  };

  it('shows items of any identifier and title, by links and by addresses', async () => {
    await open(ODD.map((id, at) => itemOf(id, at, { label: `${id} título` })));
    const { page } = visit;
    for (const id of ODD) {
      await page.goto(`/?text=${encodeURIComponent(id)}`);
      const results = page.getByRole('list', { name: 'Search results' });
      await results.getByRole('link', { name: `${id} título` }).click();
      await page.getByRole('heading', { level: 1, name: `${id} título` }).waitFor();
      await page.reload();
      await page.getByRole('heading', { level: 1, name: `${id} título` }).waitFor();
    }
  });

  it('says what to do where there is nothing', async () => {
    await open([]);
    const { page } = visit;
    await page.getByText('The catalogue is empty.').waitFor();
    await page.goto('/map');
    await page.getByText('No vector of the store belongs to an item').waitFor();
    await page.goto('/jobs');
    await page.getByText('Nothing has run yet.').waitFor();
    await page.goto('/datasets/none');
    await page.getByRole('alert').first().waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBeGreaterThan(0);
    await page.goto('/items?id=none');
    await page.getByRole('alert').getByText("There is no item 'none'.").waitFor();
  });
});
