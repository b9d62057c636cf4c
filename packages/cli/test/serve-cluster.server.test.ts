import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openDataset } from '@vecport/dataset';
import { createExportClient } from '@vecport/export-client';
import { localStorage } from '@vecport/storage';
import { eventually, removeTempFolders, serverUrl, tempFolder } from '@vecport/testkit';
import { seedStore } from './support/seed-store.js';
import { killLeftovers, startVecport } from './support/vecport.js';

const POINTS = 4000;

let cwd: string;

beforeAll(async () => {
  cwd = await tempFolder();
  await seedStore(join(cwd, 'data'), [{ name: 'Article', points: POINTS, dimension: 8 }]);
});

afterAll(async () => {
  await killLeftovers();
  await removeTempFolders();
});

it('gives exports to the workers of a cluster, and shows what they do', async () => {
  const cluster = serverUrl('redis');
  const worker = startVecport(['worker', '--cluster', cluster], { cwd });
  const store = `main=lancedb:${join(cwd, 'data')}`;
  const service = startVecport(['serve', '--port', '0', '--data', 'service', '--store', store], {
    cwd,
    env: { VECPORT_CLUSTER: cluster },
  });
  await service.output('listens at ');
  const client = createExportClient({ url: /listens at (\S+),/.exec(service.stderr())?.[1] ?? '' });
  await eventually('the worker is there', async () => (await client.cluster()).workers.length > 0, { timeout: 60_000 });

  await client.exports.start('filesystem', { id: 'shared' });
  expect(await client.exports.wait('filesystem', 'shared')).toMatchObject({
    status: 'SUCCESS',
    progress: { Article: { objectsExported: POINTS } },
  });
  const { manifest } = await openDataset(localStorage(join(cwd, 'service/exports/shared')));
  expect(manifest.collections).toMatchObject([{ name: 'Article', counts: { exported: POINTS } }]);

  const { runs } = await client.cluster();
  expect(runs.find(({ to }) => to.startsWith(cwd))).toMatchObject({ kind: 'export', state: 'done', points: POINTS });
  for (const child of [service, worker]) {
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 0 });
  }
}, 120_000);
