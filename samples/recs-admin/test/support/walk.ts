import { expect } from '@jest/globals';
import type { Visit } from './describe-browser.js';
import type { TestApplicationOptions } from './start-test-application.js';
import { steppedLayer } from './stepped-layer.js';

/** The walk, over which provider, and to where. */
export interface WalkOptions {
  /** Of the application; its layers are the walk's own. */
  readonly application: TestApplicationOptions & { readonly dataFolder: string };
  /** URL of the second store. */
  readonly copy: string;
}

/**
 * What a visitor does, with any provider: search, more like this, export into the cache with live progress, cancel, lose
 * the server while it works and find it again, export to a dataset, move to a second store.
 */
export async function walk(visit: Visit, { application, copy }: WalkOptions): Promise<void> {
  const { layer, step } = steppedLayer();
  await visit.open('/', { ...application, host: { ...application.host, layers: [layer] } });
  await search(visit);
  await exportAndCancel(visit, step);
  await loseTheServer(visit, step, application);
  await fillTheCache(visit);
  await exportToDataset(visit);
  await migrate(visit, copy);
  await visit.page.goto('/providers');
  const provider = visit.page.getByRole('article', { name: visit.application.repository.provider });
  await provider.getByText('✓ yes').first().waitFor();
}

async function search({ page, button }: Visit): Promise<void> {
  await page.getByRole('searchbox').fill('dragon');
  await button('Search').click();
  await page.getByRole('list', { name: 'Search results' }).getByRole('link', { name: 'dragon face' }).click();
  await page
    .getByRole('list', { name: 'More like this' })
    .getByRole('link', { name: /dragon/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: 'dragon', exact: true }).waitFor();
}

async function exportAndCancel(visit: Visit, step: () => void): Promise<void> {
  const { page, button, job } = visit;
  await page.goto('/move');
  await button('Export embeddings to the cache').click();
  step();
  await job('running').getByText('100 of 1,923').waitFor();
  await button('Cancel').click();
  await job('cancelled').waitFor();
  expect((await visit.application.cache.stats()).entries).toBeLessThan(1923);
}

async function loseTheServer(visit: Visit, step: () => void, options: TestApplicationOptions): Promise<void> {
  const { page, button, job } = visit;
  await button('Export embeddings to the cache').click();
  step();
  await job('running').getByText('100 of 1,923').waitFor();
  await visit.application.close();
  await page.getByRole('alert').getByText('cannot be reached').waitFor();
  await visit.restart(options);
  await job('interrupted').waitFor();
}

async function fillTheCache(visit: Visit): Promise<void> {
  const { page, button, job } = visit;
  await page.goto('/move');
  await button('Export embeddings to the cache').click();
  await job('succeeded').getByText('1923 embeddings are in the cache').waitFor();
  expect((await visit.application.cache.stats()).entries).toBe(1923);
}

async function exportToDataset({ page, button, job }: Visit): Promise<void> {
  await page.goto('/datasets');
  await button('Show the plan').click();
  await page.getByRole('region', { name: 'Plan' }).getByText('1,923').waitFor();
  await button('Export the collection').click();
  await job('succeeded').getByText('Exported 1923 points').waitFor();
  await page.getByRole('region', { name: 'Datasets' }).getByRole('link').click();
  await page.getByRole('region', { name: 'Some records' }).getByText('… (384)').first().waitFor();
}

async function migrate({ page, button, job }: Visit, copy: string): Promise<void> {
  await page.goto('/move');
  await page.getByRole('textbox', { name: 'Store' }).fill(copy);
  await page.getByRole('textbox', { name: 'Collection there' }).fill('copy');
  await button('Show the plan').click();
  await page.getByRole('region', { name: 'Plan' }).getByRole('heading', { name: 'What cannot be kept' }).waitFor();
  await button('Move the collection').click();
  await job('succeeded').getByText('Moved 1923 points to copy').waitFor();
}
