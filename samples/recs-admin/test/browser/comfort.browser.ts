import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { eventually } from '@vecport/testkit';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { WEB_FOLDER } from '../../src/http/dashboard-routes.js';
import { describeBrowser } from '../support/describe-browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const VIEWS = ['/', '/?text=dragon', '/items?id=1F436', '/map', '/providers', '/datasets', '/move', '/jobs'];
/** Where pictures for documents go; none are kept if it is not set. */
const SCREENSHOTS = process.env['VECPORT_SCREENSHOTS'];

describeBrowser('The dashboard for everybody', (visit) => {
  const { button, job } = visit;

  const show = async (page: Page, view: string): Promise<void> => {
    await page.goto(view);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await eventually(`nothing of ${view} is awaited`, async () => (await page.getByText('Loading…').count()) === 0);
  };
  const picture = async (name: string): Promise<void> => {
    if (SCREENSHOTS !== undefined) await visit.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };
  /** A dataset, and the plan of a migration. Gives the dataset's page. */
  const prepare = async (): Promise<string> => {
    await visit.open('/datasets');
    await button('Show the plan').click();
    await button('Export the collection').click();
    await job('succeeded').waitFor();
    const link = visit.page.getByRole('region', { name: 'Datasets' }).getByRole('link');
    return `/datasets/${await link.textContent()}`;
  };

  it.each(['light', 'dark'] as const)('has no serious barrier, in %s', async (colorScheme) => {
    const dataset = await prepare();
    const { page } = visit;
    await page.emulateMedia({ colorScheme });
    for (const view of [...VIEWS, dataset]) {
      await show(page, view);
      if (view === '/') await picture(`dashboard-${colorScheme}`);
      expect(await barriers(page)).toEqual([]);
    }
    await page.goto('/move');
    await page.getByRole('textbox', { name: 'Store' }).fill('lancedb:./copy');
    await page.getByRole('textbox', { name: 'Collection there' }).fill('copy');
    await button('Show the plan').click();
    await page.getByRole('region', { name: 'Plan' }).scrollIntoViewIfNeeded();
    await picture(`plan-${colorScheme}`);
    expect(await barriers(page)).toEqual([]);
  });

  it('can be used on a phone: nothing is wider than the screen', async () => {
    const dataset = await prepare();
    const { page } = visit;
    await page.setViewportSize({ width: 360, height: 740 });
    const width = async (): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth');
    for (const view of [...VIEWS, dataset]) {
      await show(page, view);
      expect([view, await width()]).toEqual([view, 360]);
    }
    await button('Show the plan').click();
    await page.getByRole('region', { name: 'Plan' }).waitFor();
    expect(await width()).toBe(360);
  });

  it('is small: its scripts have less than 200 kB compressed, and are sent so', async () => {
    await visit.open('/');
    const names = (await readdir(join(WEB_FOLDER, 'assets'))).filter((name) => name.endsWith('.js'));
    expect(names.length).toBeGreaterThan(0);
    let sum = 0;
    for (const name of names) {
      const bytes = await readFile(join(WEB_FOLDER, 'assets', name));
      sum += gzipSync(bytes).length;
      const response = await fetch(new URL(`/assets/${name}`, visit.application.url), {
        headers: { 'accept-encoding': 'gzip, br' },
      });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-encoding': 'br',
        'content-type': expect.stringMatching('javascript'),
        'cache-control': expect.stringContaining('immutable'),
      });
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    }
    expect(sum).toBeLessThan(200_000);
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
