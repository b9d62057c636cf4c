import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { removeTempFolders, serverUrl, tempFolder } from '@vecport/testkit';
import type { Browser } from 'playwright-core';
import type { Application } from '../../src/application.js';
import { launchBrowser } from '../support/launch-browser.js';
import { startTestApplication } from '../support/start-test-application.js';
import { walk } from '../support/walk.js';

/** Of the sample; Weaviate begins names of collections with a capital letter. */
const COLLECTION = 'RecsWalk';

describe('The dashboard over a real server, by one variable', () => {
  let browser: Browser;
  let application: Application;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(async () => {
    const store = await application.host.catalog.open();
    await store.drop(application.repository.collection);
    await store.close();
    await application.close();
    await removeTempFolders();
  });

  afterAll(async () => {
    await browser.close();
  });

  it.each([
    ['elastic-9', 'recs-walk'],
    ['weaviate-1.39', COLLECTION],
  ])('%s', async (server, collection) => {
    application = await startTestApplication({
      settings: { store: serverUrl(server), collection },
      host: { discover: true, modules: [] },
    });
    const page = await browser.newPage({ baseURL: application.url });
    await walk(page, application, `lancedb:${await tempFolder()}`);
    await page.close();
  });
});
