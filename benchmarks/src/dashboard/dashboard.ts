import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alternative, Measured, PageSample, Sample } from '../measure.js';
import { loadPage } from './load-page.js';
import { startSample } from './start-sample.js';

/** What the pages of the sample are held to. */
const GOAL = { firstPaintMs: 1000, scriptBytes: 200_000 };
/** Views of the dashboard, and a text that is on them when they are whole. */
const VIEWS = [
  ['search', '/', 'Cache hits and misses'],
  ['more like this', '/items?id=1F436', 'cat face'],
  ['map of 1,923 vectors', '/map', '1923 items'],
  ['moving vectors', '/move', 'Clear the cache'],
] as const;

/** Pages of the sample's dashboard, each opened by a browser that has never seen it. */
export async function openDashboard() {
  const folder = await mkdtemp(join(tmpdir(), 'vecport-bench-'));
  const sample = await startSample(folder).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  let browser = '';
  const alternatives = VIEWS.map(
    ([name, path, until]): Alternative => ({
      name,
      run: async () => {
        const { version, ...page } = await loadPage({ url: new URL(path, sample.url).href, until });
        browser = version;
        return { rows: 1, wallMs: page.wholeMs, cpuMs: 0, peakRssMb: 0, page };
      },
    }),
  );
  return {
    about:
      'Pages of the sample’s dashboard over loopback, each opened in a new Chromium with empty caches: milliseconds from the start ' +
      'of the navigation to the first paint, the first and the largest paint of content, and until the page is whole with ' +
      'what it asks the server for; kilobytes on the wire, compressed as they are sent.',
    alternatives,
    conclude: (measured: readonly Measured[]) => [
      ...judge(measured),
      `Chromium ${browser}, without graphics hardware.`,
    ],
    close: async () => {
      await sample.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function judge(measured: readonly Measured[]): readonly string[] {
  const pages = measured.flatMap(({ page }) => page ?? []);
  const loads = measured.flatMap(({ samples }) => samples.flatMap(({ page }: Sample) => page ?? []));
  const most = (all: readonly PageSample[], of: (page: PageSample) => number): number => Math.max(...all.map(of));
  const paint = most(pages, ({ firstPaintMs }) => firstPaintMs);
  const worst = most(loads, ({ firstPaintMs }) => firstPaintMs);
  const scripts = most(loads, ({ scriptBytes }) => scriptBytes);
  const verdict = (isMet: boolean): string => (isMet ? 'met' : 'missed');
  return [
    `The goal of a first paint within ${GOAL.firstPaintMs} ms is ${verdict(paint < GOAL.firstPaintMs)}: ${paint.toFixed(0)} ms in the ` +
      `median of the slowest page, ${worst.toFixed(0)} ms in the worst of all ${loads.length} loads.`,
    `The goal of less than ${GOAL.scriptBytes / 1000} kB of compressed scripts is ${verdict(scripts < GOAL.scriptBytes)}: ` +
      `${(scripts / 1000).toFixed(1)} kB.`,
  ];
}
