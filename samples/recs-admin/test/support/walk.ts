import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Application } from '../../src/application.js';

/**
 * What a visitor does, with any provider: search, more like this, export into the cache, export to a dataset, move to a
 * second store. `copy` is the URL of that one.
 */
export async function walk(page: Page, application: Application, copy: string): Promise<void> {
  const button = (name: string) => page.getByRole('button', { name });
  const succeeded = page.locator('article.job[data-status="succeeded"]');

  await page.goto('/');
  await page.getByRole('searchbox').fill('dragon');
  await button('Search').click();
  await page.getByRole('list', { name: 'Search results' }).getByRole('link', { name: 'dragon face' }).click();
  await page
    .getByRole('list', { name: 'More like this' })
    .getByRole('link', { name: /dragon/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: 'dragon', exact: true }).waitFor();

  await page.goto('/move');
  await button('Export embeddings to the cache').click();
  await succeeded.getByText('1923 embeddings are in the cache').waitFor();
  expect((await application.cache.stats()).entries).toBe(1923);

  await page.goto('/datasets');
  await button('Export the collection').click();
  await succeeded.getByText('Exported 1923 points').waitFor();
  await page.getByRole('region', { name: 'Datasets' }).getByRole('link').click();
  await page.getByRole('region', { name: 'Some records' }).getByText('… (384)').first().waitFor();

  await page.goto('/move');
  await page.getByRole('textbox', { name: 'Store' }).fill(copy);
  await page.getByRole('textbox', { name: 'Collection there' }).fill('copy');
  await button('Show the plan').click();
  await page.getByRole('region', { name: 'Plan' }).getByRole('heading', { name: 'What cannot be kept' }).waitFor();
  await button('Move the collection').click();
  await succeeded.getByText('Moved 1923 points to copy').waitFor();

  await page.goto('/providers');
  await page.getByRole('article', { name: application.repository.provider }).getByText('✓ yes').first().waitFor();
}
