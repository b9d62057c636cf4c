import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import type { PageSample } from '../measure.js';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Which page, and when it is whole. */
export interface LoadRequest {
  readonly url: string;
  /** Text of an element that is there when everything the page asks for has come. */
  readonly until: string;
}

/** Chromium: that of `CHROMIUM_PATH`, or the one that is installed. @throws Error when there is none. */
function chromiumPath(): string {
  const path = process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place));
  if (path === undefined) throw new Error('There is no Chromium. Install it, or set CHROMIUM_PATH.');
  return path;
}

/**
 * Open a page in a browser that has never seen it, nothing in any cache, and read the browser's own marks. Times are in
 * milliseconds from the start of the navigation; bytes are those on the wire, headers included.
 */
export async function loadPage({ url, until }: LoadRequest): Promise<PageSample & { readonly version: string }> {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(KEEP_LARGEST);
    await page.goto(url);
    await page.getByText(until).first().waitFor();
    return { ...(await page.evaluate<PageSample>(READ_MARKS)), version: browser.version() };
  } finally {
    await browser.close();
  }
}

/** Run in the page before its own scripts: the largest paint is told to observers only. */
const KEEP_LARGEST = `
  globalThis.largestPaints = [];
  new PerformanceObserver((list) => largestPaints.push(...list.getEntries()))
    .observe({ type: 'largest-contentful-paint', buffered: true });
`;

/** Run in the page: what the browser has noted. */
const READ_MARKS: Parameters<Page['evaluate']>[0] & string = `(() => {
  const paint = (name) => performance.getEntriesByName(name)[0]?.startTime;
  const resources = performance.getEntriesByType('resource');
  const sum = (entries) => entries.reduce((total, { transferSize }) => total + transferSize, 0);
  return {
    firstPaintMs: paint('first-paint'),
    firstContentfulPaintMs: paint('first-contentful-paint'),
    largestContentfulPaintMs: largestPaints.at(-1)?.startTime,
    wholeMs: performance.now(),
    scriptBytes: sum(resources.filter(({ name }) => new URL(name).pathname.endsWith('.js'))),
    allBytes: sum([...performance.getEntriesByType('navigation'), ...resources]),
  };
})()`;
