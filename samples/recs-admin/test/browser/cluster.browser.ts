import { expect, it } from '@jest/globals';
import { describeBrowser } from '../support/describe-browser.js';

const RUN = {
  run: 'r1',
  kind: 'export',
  state: 'running',
  from: 'qdrant://127.0.0.1/docs',
  to: 's3://exports/docs',
  startedAt: '2026-01-01T10:00:00.000Z',
  slices: { total: 8, waiting: 3, active: 2, done: 2, quarantined: 1 },
  points: 250_000,
  bytes: 4_000_000,
  pointsPerSecond: 12_345,
  turns: 9,
  queueMs: 1,
  failures: [{ collection: 'docs', slice: 4, reason: 'The server refused.' }],
};
const WORKER = {
  name: 'worker-a',
  host: 'alpha',
  pid: 7,
  draining: false,
  active: ['r1 0 1', 'r1 0 2'],
  points: 250_000,
  failures: 3,
  pointsPerSecond: 12_345,
};

describeBrowser('The cluster in a browser', (visit) => {
  it('is a view of its own where one is configured, and none elsewhere', async () => {
    await visit.open('/jobs');
    await visit.page.getByRole('link', { name: 'Jobs' }).waitFor();
    expect(await visit.page.getByRole('link', { name: 'Cluster' }).count()).toBe(0);
    await visit.page.goto('/cluster');
    await visit.page.getByRole('alert').getByText('Set VECPORT_CLUSTER').waitFor();
  });

  it('shows workers, queues, throughput and failures', async () => {
    await visit.open('/jobs', { settings: { cluster: 'redis://127.0.0.1:9' } });
    const { page } = visit;
    const status = { cluster: 'redis://127.0.0.1:9', at: RUN.startedAt, queues: { slices: { waiting: 3, active: 2 } } };
    await page.route('**/admin/cluster/status', async (route) =>
      route.fulfill({ json: { ...status, workers: [WORKER], runs: [RUN] } }),
    );
    await page.getByRole('link', { name: 'Cluster' }).click();
    await page
      .getByRole('region', { name: 'Workers' })
      .getByRole('row', { name: /worker-a/ })
      .getByText('12,345')
      .waitFor();
    await page.getByText('3 slices waiting, 2 slices active').waitFor();
    const run = page.getByRole('article', { name: 'export r1' });
    await run.getByText('2 of 8 slices').waitFor();
    await run.getByText('Slice 4 of docs was given up: The server refused.').waitFor();
    expect(await run.getByRole('progressbar').getAttribute('value')).toBe('2');
  });
});
