import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { eventually, type NodeChild, removeTempFolders, spawnNode, tempFolder } from '@vecport/testkit';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/launch-browser.js';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

describe('A server that is killed while its page is open', () => {
  let browser: Browser;
  let service: Server;
  let child: NodeChild | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
    // An embedding service that never answers: what asks it runs until it is killed.
    service = createServer(() => {}).listen(0, '127.0.0.1');
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    await child?.exit;
    await removeTempFolders();
  });

  afterAll(async () => {
    await browser.close();
    service.closeAllConnections();
    service.close();
  });

  const start = async (dataFolder: string, port: number): Promise<string> => {
    const { port: asked } = service.address() as AddressInfo;
    child = spawnNode(MAIN, ['--port', String(port)], {
      cwd: dataFolder,
      env: {
        PATH: process.env['PATH'],
        HOME: dataFolder,
        VECPORT_DATA: join(dataFolder, 'data'),
        EMBEDDING_URL: `http://127.0.0.1:${asked}/v1`,
        LOG_LEVEL: 'silent',
      },
    });
    const started = child;
    return eventually('the server listens', () => /Open (\S+) /.exec(started.stdout())?.[1], { timeout: 50_000 });
  };

  it('is found again by the page, which tells that the job was interrupted', async () => {
    const dataFolder = await tempFolder();
    const url = await start(dataFolder, 0);
    const page = await browser.newPage({ baseURL: url });
    await page.goto('/move');
    // The first start has filled the cache: without it every item has to be embedded.
    await page.request.delete('/admin/cache');
    await page.getByRole('button', { name: 'Seed the vector store' }).click();
    await page.locator('article.job[data-status="running"]').waitFor();
    child?.kill('SIGKILL');
    await child?.exit;
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await start(dataFolder, Number(new URL(url).port));
    await page.locator('article.job[data-status="interrupted"]').waitFor();
    await page.getByRole('alert').getByText('cannot be reached').waitFor({ state: 'detached' });
    await page.close();
  });
});
