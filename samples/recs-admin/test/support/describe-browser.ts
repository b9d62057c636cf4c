import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { removeTempFolders } from '@vecport/testkit';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Application } from '../../src/application.js';
import { launchBrowser } from './launch-browser.js';
import { startTestApplication, type TestApplicationOptions } from './start-test-application.js';

/** A busy machine is slow, not wrong. */
const PATIENCE_MS = 60_000;

/** An application and a page of it, new for each test, and closed after it. */
export interface Visit {
  readonly application: Application;
  readonly page: Page;
  /** Start the application and open a page of it. */
  open(path: string, options?: TestApplicationOptions): Promise<void>;
  /** Another page of the same application. */
  anotherPage(path: string): Promise<Page>;
  /** Close the application and start one in its place, at the same address. */
  restart(options?: TestApplicationOptions): Promise<void>;
  button(name: string): Locator;
  /** The cards of jobs that are in a state. */
  job(status: string): Locator;
}

/** Tests in one browser. */
export function describeBrowser(name: string, tests: (visit: Visit) => void): void {
  describe(name, () => {
    let browser: Browser;
    let application: Application | undefined;
    let pages: Page[] = [];

    const opened = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error('Nothing is open.');
      return value;
    };
    const visit: Visit = {
      get application() {
        return opened(application);
      },
      get page() {
        return opened(pages[0]);
      },
      open: async (path, options) => {
        application = await startTestApplication(options);
        await visit.anotherPage(path);
      },
      anotherPage: async (path) => {
        const page = await browser.newPage({ baseURL: visit.application.url });
        pages.push(page);
        page.setDefaultTimeout(PATIENCE_MS);
        await page.goto(path);
        return page;
      },
      restart: async (options) => {
        const { port } = new URL(visit.application.url);
        await visit.application.close();
        application = await startTestApplication({ ...options, port: Number(port) });
      },
      button: (label) => visit.page.getByRole('button', { name: label }),
      job: (status) => visit.page.locator(`article.job[data-status="${status}"]`),
    };

    beforeAll(async () => {
      browser = await launchBrowser();
    });

    afterEach(async () => {
      for (const page of pages) await page.close();
      pages = [];
      await application?.close();
      application = undefined;
      await removeTempFolders();
    });

    afterAll(async () => {
      await browser?.close();
    });

    tests(visit);
  });
}
